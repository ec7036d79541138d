-- The features that a statement gives, by commune: what the register writes before they are read.
SELECT commune, array_agg(DISTINCT id) FROM ({rows}) read GROUP BY commune
