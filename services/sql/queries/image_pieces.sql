-- The visible pieces of the images that a tile touches, newest first; those too small to be seen are left out.
SELECT fichier, ST_AsBinary(geom)
FROM {table}
WHERE geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, {srid})
  AND greatest(ST_XMax(geom) - ST_XMin(geom), ST_YMax(geom) - ST_YMin(geom)) >= %(smallest)s
ORDER BY edition DESC, fichier, id
LIMIT {cap}
