-- Roles that pass by row level security, other than superusers and the one that backs up.
SELECT rolname || ' : BYPASSRLS' FROM pg_roles
WHERE rolbypassrls AND NOT rolsuper AND rolname <> 'geosocle_backup'
ORDER BY 1
