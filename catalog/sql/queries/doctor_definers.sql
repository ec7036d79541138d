-- Functions that run as their owner without a search path of their own, open to everybody, or owned by a login.
SELECT p.oid::regprocedure || ' : ' || fault
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles o ON o.oid = p.proowner
CROSS JOIN LATERAL (VALUES
    ('sans search_path fixé', NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c LIKE 'search\_path=%%pg\_temp')),
    ('ouverte à tous', p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0)),
    ('appartient à un rôle qui se connecte', o.rolcanlogin)) AS f (fault, found)
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND f.found
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1
