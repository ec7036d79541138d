-- Publish what is staged for a commune, with the text of each feature ready but for its last two braces.
INSERT INTO {table} (id, unite, {columns}, geom, feature)
SELECT s.id, s.unite, {columns}, s.geom,
       '{{"type":"Feature","id":' || to_json(s.id)::text
       || ',"geometry":' || ST_AsGeoJSON(ST_Transform(s.geom, 4326), 8)
       || ',"properties":' || left((SELECT row_to_json(p)::text FROM (SELECT {shown}) p), -1)
FROM {stage} s
WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s
