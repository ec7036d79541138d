-- Who could change the register, what its writer could do beside it, and whether its last line is as it was written.
SELECT c.oid::regclass || ' : modifiable par ' || r.rolname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN pg_roles r
WHERE n.nspname = 'registre' AND c.relkind = 'r' AND r.rolcanlogin AND NOT r.rolsuper AND r.rolname = ANY (%(roles)s)
  AND (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))
UNION ALL
SELECT p.oid::regprocedure || ' : ouverte à ' || r.rolname
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN pg_roles r
WHERE n.nspname = 'registre' AND r.rolname = ANY (%(roles)s) AND r.rolname <> 'geosocle_register'
  AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
  AND NOT (r.rolname = %(auditor)s AND p.proname IN ('write', 'write_download', 'charge'))
UNION ALL
SELECT p.oid::regprocedure || ' : ouverte à ' || %(auditor)s
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname NOT IN ('registre', 'pg_catalog', 'information_schema')
  AND has_schema_privilege(%(auditor)s, n.oid, 'USAGE') AND has_function_privilege(%(auditor)s, p.oid, 'EXECUTE')
UNION ALL
SELECT c.oid::regclass || ' : déclencheur ou règle « ' || coalesce(t.tgname, w.rulename) || ' »'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
LEFT JOIN pg_rewrite w ON w.ev_class = c.oid
WHERE n.nspname = 'registre' AND c.relkind = 'r' AND (t.oid IS NOT NULL OR w.oid IS NOT NULL)
UNION ALL
SELECT 'registre.lines : la dernière ligne n''est pas celle qui fut écrite (« geosocle audit verify »)'
FROM registre.head h LEFT JOIN registre.lines l ON l.number = h.number
WHERE h.number > 0 AND (l.hash = h.hash AND registre.hash(l) = l.hash) IS NOT TRUE
UNION ALL
SELECT 'registre.head : la fin de la chaîne manque' WHERE NOT EXISTS (SELECT FROM registre.head)
ORDER BY 1
