-- Places of parcels at random, always the same ones, within some communes.
SELECT ST_X(centre), ST_Y(centre)
FROM (SELECT id, ST_PointOnSurface(geom) AS centre FROM cadastre.parcelles WHERE commune = ANY(%(communes)s)) places
ORDER BY md5(id || %(seed)s)
LIMIT %(count)s
