-- Publish what is staged, all communes at once, each row with its ready GeoJSON text as the loader writes it.
INSERT INTO cadastre.parcelles
    (id, commune, unite, edition, prefixe, section, numero, contenance, arpente, creation, mise_a_jour, geom, feature)
SELECT id, commune, unite, edition, prefixe, section, numero, contenance, arpente, creation, mise_a_jour, geom,
       '{"type":"Feature","id":' || to_json(id) || ',"geometry":' || ST_AsGeoJSON(ST_Transform(geom, 4326), 8) || ',"properties":'
       || left(row_to_json((SELECT r FROM (SELECT commune, edition, prefixe, section, numero, contenance, arpente,
                                                  creation, mise_a_jour) r))::text, -1)
FROM staging.parcelles
