-- One vector tile of points at a low zoom: one of those that would be drawn on one another, always the same one.
-- As for `tile`, the table is asked where a commune of the caller's is near.
SELECT {wanted}
FROM (
    SELECT t.id, {columns},
           ST_AsMVTGeom(ST_Transform(t.geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom
    FROM (
        SELECT DISTINCT ON (floor(ST_X(geom) / %(apart)s), floor(ST_Y(geom) / %(apart)s)) *
        FROM {table}
        WHERE {near} AND geom && {area}
        ORDER BY floor(ST_X(geom) / %(apart)s), floor(ST_Y(geom) / %(apart)s), id
        LIMIT {cap}
    ) t {joins}
) shape
WHERE geom IS NOT NULL
