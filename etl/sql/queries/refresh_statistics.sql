-- Count, extent and edition of a dataset in a commune, as it is served now.
INSERT INTO access.statistics (dataset, commune, objects, extent, edition)
SELECT %(dataset)s, %(commune)s, count(*),
       ST_MakeEnvelope(min(ST_XMin(geom)), min(ST_YMin(geom)), max(ST_XMax(geom)), max(ST_YMax(geom)), 2154), max(edition)
FROM {table} WHERE commune = %(commune)s
ON CONFLICT (dataset, commune) DO UPDATE
SET objects = EXCLUDED.objects, extent = EXCLUDED.extent, edition = EXCLUDED.edition
