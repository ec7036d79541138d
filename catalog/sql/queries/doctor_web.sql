-- Tables that the web's login reaches by itself: none, it becomes the reader or calls a function.
SELECT c.oid::regclass::text || ' : ouverte à ' || login
FROM unnest(%(bare)s::name[]) AS login CROSS JOIN pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND has_schema_privilege(login, n.oid, 'USAGE')
  AND has_any_column_privilege(login, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
ORDER BY 1
