-- A page as anybody writes it: GeoJSON made from the geometry on the way, without rules.
SELECT ST_AsGeoJSON(f, 'geom', 8)
FROM (
    SELECT id, commune, edition, prefixe, section, numero, contenance, arpente, creation, mise_a_jour,
           ST_Transform(geom, 4326) AS geom
    FROM parcelles
    ORDER BY id
    LIMIT %(limit)s
) f
