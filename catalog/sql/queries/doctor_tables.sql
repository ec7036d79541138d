-- What the reader may read, other than what the catalogue publishes, or without exactly the policy of its dataset.
WITH expected AS (
    SELECT * FROM unnest(%(tables)s::text[], %(datasets)s::text[], %(groups)s::text[]) AS e (name, dataset, attribute_group)
), readable AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname || '.' || c.relname <> 'public.spatial_ref_sys'
      AND has_any_column_privilege(%(reader)s::name, c.oid, 'SELECT')
), policies AS (
    SELECT p.polrelid, p.polname, regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\s+', ' ', 'g') AS rule
    FROM pg_policy p
    WHERE p.polpermissive AND p.polcmd IN ('r', '*')
      AND (0 = ANY (p.polroles) OR %(reader)s::regrole::oid = ANY (p.polroles))
)
SELECT r.name || ' : lisible par les lecteurs sans être publiée'
FROM readable r WHERE r.name NOT IN (SELECT name FROM expected)
UNION ALL
SELECT r.name || ' : sans ROW LEVEL SECURITY forcée'
FROM readable r WHERE r.relkind IN ('r', 'p') AND NOT (r.relrowsecurity AND r.relforcerowsecurity)
UNION ALL
SELECT r.name || ' : vue sans security_invoker'
FROM readable r WHERE r.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (r.reloptions), false)
UNION ALL
SELECT r.name || ' : n''est pas une table ordinaire'
FROM readable r WHERE r.relkind IN ('m', 'f', 'p')
UNION ALL
SELECT e.name || ' : politique de lecture absente'
FROM expected e LEFT JOIN policies p ON p.polrelid = to_regclass(e.name) WHERE p.polrelid IS NULL
UNION ALL
SELECT e.name || ' : politique « ' || p.polname || ' » autre que celle du jeu de données'
FROM expected e JOIN policies p ON p.polrelid = to_regclass(e.name)
WHERE p.rule <> format('(commune IN ( SELECT unnest(access.visible_communes(%%L::text, %%L::text)) AS unnest))',
                       e.dataset, e.attribute_group)
UNION ALL
SELECT e.name || ' : « access explain » n''en trouve pas les objets'
FROM expected e
WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = to_regclass(e.name) AND p.polname = 'explication')
UNION ALL
SELECT u.object || ' : ' || u.fault FROM access.unprotected() u
ORDER BY 1
