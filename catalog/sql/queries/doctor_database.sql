-- What everybody may do with this database and its schemas: nothing.
SELECT 'PUBLIC : ' || a.privilege_type || ' sur la base'
FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
WHERE d.datname = current_database() AND a.grantee = 0
UNION ALL
SELECT 'PUBLIC : ' || a.privilege_type || ' sur le schéma ' || n.nspname
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND a.grantee = 0
UNION ALL
SELECT role || ' : CREATE sur le schéma ' || n.nspname
FROM pg_namespace n CROSS JOIN unnest(%(logins)s::name[] || %(reader)s::name) AS role
WHERE n.nspname !~ '^pg_' AND has_schema_privilege(role, n.oid, 'CREATE')
ORDER BY 1
