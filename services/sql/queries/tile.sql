-- One vector tile of what the caller sees, or its features' places for the register. The box comes in the table's own system, so that its index serves; an
-- affinity fitted to the tile stands for the transformation, which would take half of the time. Where no commune of
-- the caller's is near, the table is not asked: its time would tell of hidden rows.
SELECT {wanted}
FROM (
    SELECT t.id, {columns},
           ST_AsMVTGeom(
               ST_Affine(t.geom, %(a)s, %(b)s, %(d)s, %(e)s, %(xoff)s, %(yoff)s),
               ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true
           ) AS geom
    FROM {table} t {joins}
    WHERE {near} AND t.geom && {area}
) shape
WHERE geom IS NOT NULL
