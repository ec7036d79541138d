-- Count, extent and edition of a dataset in a commune, as it is served now, and where its objects ever were: where nothing
-- is past, where they are; else there and where they were before. Where that is not known, it stays unknown.
INSERT INTO access.statistics AS s (dataset, commune, objects, extent, edition, extent_ever)
SELECT %(dataset)s, %(commune)s, n, extent, edition,
       CASE WHEN NOT EXISTS (SELECT FROM {past} WHERE commune = %(commune)s) THEN extent END
FROM (
    SELECT count(*) AS n, max(edition) AS edition,
           ST_MakeEnvelope(min(ST_XMin(geom)), min(ST_YMin(geom)), max(ST_XMax(geom)), max(ST_YMax(geom)), 2154) AS extent
    FROM {table} WHERE commune = %(commune)s
) now
ON CONFLICT (dataset, commune) DO UPDATE
SET objects = EXCLUDED.objects, extent = EXCLUDED.extent, edition = EXCLUDED.edition,
    extent_ever = CASE WHEN EXCLUDED.extent_ever IS NOT NULL THEN EXCLUDED.extent_ever
                       WHEN s.extent_ever IS NOT NULL THEN ST_Envelope(ST_Collect(s.extent_ever, EXCLUDED.extent)) END
