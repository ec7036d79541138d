-- Our roles with a power that none of them needs, or in a role that they must not become.
SELECT r.rolname || ' : ' || power
FROM pg_roles r
CROSS JOIN LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb),
                           ('REPLICATION', r.rolreplication)) AS p (power, held)
WHERE r.rolname = ANY (%(roles)s) AND p.held
UNION ALL
SELECT m.member::regrole || ' : membre de ' || m.roleid::regrole
FROM pg_auth_members m
WHERE m.member::regrole::text = ANY (%(roles)s)
  AND NOT (m.roleid = %(reader)s::regrole
           AND m.member::regrole::text IN ('geosocle_web', 'geosocle_worker') AND NOT m.admin_option)
UNION ALL
SELECT rolname || ' : peut se connecter' FROM pg_roles WHERE rolname = ANY (%(nologins)s) AND rolcanlogin
UNION ALL
SELECT rolname || ' : hérite des droits de lecture' FROM pg_roles
WHERE rolname IN ('geosocle_web', 'geosocle_worker') AND rolinherit
UNION ALL
SELECT name || ' : rôle absent' FROM unnest(%(roles)s) AS name WHERE name NOT IN (SELECT rolname FROM pg_roles)
ORDER BY 1
