-- One page of features as GeoJSON texts, each with its place in the order. One row more than the page is read, to know
-- whether there is more. The texts are joined by who reads them: one text of half a megabyte, made by string_agg, takes
-- PostgreSQL longer than finding the rows.
SELECT feature, commune, id, edition FROM ({rows}) found
