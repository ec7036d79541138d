-- The communes held within some metres of one, itself included.
SELECT c.commune, ST_AsBinary(c.geom)
FROM cadastre.communes c JOIN cadastre.communes one ON ST_DWithin(c.geom, one.geom, %(distance)s)
WHERE one.commune = %(commune)s
ORDER BY c.commune
