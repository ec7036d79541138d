-- The rows of an export, commune by commune: id, the columns of its groups, the geometry.
DECLARE export NO SCROLL CURSOR FOR
SELECT base.id, {columns}, ST_AsBinary(ST_Transform(base.geom, %(srid)s))
FROM {table} base{joins}
WHERE base.commune = ANY(%(base)s)
ORDER BY base.commune, base.id
