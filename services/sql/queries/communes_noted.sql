-- Which communes are named beside the parcels that are found.
SELECT c.commune, c.id FROM cadastre.communes c WHERE c.commune IN (SELECT commune FROM ({rows}) named)
