-- The communes held within some metres of any of these, themselves included.
SELECT DISTINCT c.commune, ST_AsBinary(c.geom)
FROM cadastre.communes c JOIN cadastre.communes one ON ST_DWithin(c.geom, one.geom, %(distance)s)
WHERE one.commune = ANY(%(communes)s)
ORDER BY c.commune
