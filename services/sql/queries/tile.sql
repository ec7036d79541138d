-- One vector tile of what the caller sees. The box comes in the table's own system, so that its index serves.
SELECT ST_AsMVT(shape, {layer}, 4096, 'geom')
FROM (
    SELECT t.id, {columns},
           ST_AsMVTGeom(ST_Transform(t.geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom
    FROM {table} t {joins}
    WHERE t.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, {srid})
) shape
WHERE geom IS NOT NULL
