-- Versions that were never tried.
SELECT 'PostgreSQL ' || current_setting('server_version') || ' : 15 au moins est attendu'
WHERE current_setting('server_version_num')::integer < 150000
UNION ALL
SELECT 'PostGIS ' || extversion || ' : 3.3 au moins est attendu' FROM pg_extension
WHERE extname = 'postgis' AND string_to_array(substring(extversion FROM '^\d+\.\d+'), '.')::integer[] < ARRAY[3, 3]
UNION ALL
SELECT 'PostGIS : absent' WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')
