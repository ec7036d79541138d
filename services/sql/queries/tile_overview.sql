-- One vector tile of a low zoom: only what is large enough to be seen, the largest first where it is too much.
-- As for `tile`, the table is asked where a commune of the caller's is near.
SELECT {wanted}
FROM (
    SELECT t.id, {columns},
           ST_AsMVTGeom(ST_Transform(t.geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom
    FROM (
        SELECT *
        FROM {table}
        WHERE {near} AND geom && {area}
          AND greatest(ST_XMax(geom) - ST_XMin(geom), ST_YMax(geom) - ST_YMin(geom)) >= %(smallest)s
        ORDER BY greatest(ST_XMax(geom) - ST_XMin(geom), ST_YMax(geom) - ST_YMin(geom)) DESC, id
        LIMIT {cap}
    ) t {joins}
) shape
WHERE geom IS NOT NULL
