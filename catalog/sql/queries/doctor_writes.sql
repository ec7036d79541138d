-- Tables that the reader may change: none.
SELECT c.oid::regclass::text || ' : modifiable par les lecteurs'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND (has_table_privilege(%(reader)s::name, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
       OR has_any_column_privilege(%(reader)s::name, c.oid, 'INSERT, UPDATE'))
ORDER BY 1
