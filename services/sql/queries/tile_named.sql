-- As `tile`, with a second layer: one point on each whole object, given by the one tile that holds it, so that a name is
-- written once. A map would otherwise write it on each piece that the tiles cut. It is for zooms where names are written.
WITH drawn AS MATERIALIZED (
    SELECT t.id, {columns},
           ST_AsMVTGeom(
               ST_Affine(t.geom, %(a)s, %(b)s, %(d)s, %(e)s, %(xoff)s, %(yoff)s),
               ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true
           ) AS geom,
           ST_Affine(ST_PointOnSurface(t.geom), %(a)s, %(b)s, %(d)s, %(e)s, %(xoff)s, %(yoff)s) AS point
    FROM {table} t {joins}
    WHERE {near} AND t.geom && {area}
), tile AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS frame
)
SELECT (
    SELECT coalesce(ST_AsMVT(shape, {layer}, 4096, 'geom'), '')
    FROM (SELECT id, {names}, geom FROM drawn WHERE geom IS NOT NULL) shape
) || (
    SELECT coalesce(ST_AsMVT(shape, {points}, 4096, 'geom'), '')
    FROM (
        SELECT id, {names}, ST_AsMVTGeom(point, frame, 4096, 0, false) AS geom
        FROM drawn CROSS JOIN tile
        WHERE ST_X(point) >= ST_XMin(frame) AND ST_X(point) < ST_XMax(frame)
          AND ST_Y(point) >= ST_YMin(frame) AND ST_Y(point) < ST_YMax(frame)
    ) shape
)
