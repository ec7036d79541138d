-- A box as anybody writes it: GeoJSON made from the geometry on the way, without rules.
SELECT ST_AsGeoJSON(f, 'geom', 8)
FROM (
    SELECT id, commune, edition, prefixe, section, numero, contenance, arpente, creation, mise_a_jour,
           ST_Transform(geom, 4326) AS geom
    FROM parcelles
    WHERE geom && ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 2154)
      AND ST_Intersects(geom, ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 2154))
    LIMIT %(limit)s
) f
