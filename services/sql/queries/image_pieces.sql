-- The visible pieces of the images that a tile touches, newest first; those too small to be seen are left out.
-- As for `tile`, the table is asked where a commune of the caller's is near.
SELECT {wanted}
FROM {table}
WHERE {near} AND geom && {area}
  AND greatest(ST_XMax(geom) - ST_XMin(geom), ST_YMax(geom) - ST_YMin(geom)) >= %(smallest)s
ORDER BY edition DESC, fichier, id
LIMIT {cap}
