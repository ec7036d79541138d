-- Jobs that others than their asker would know of: the one policy for askers is by organisation and by rights.
SELECT 'jobs.jobs : sans ROW LEVEL SECURITY forcée'
FROM pg_class WHERE oid = to_regclass('jobs.jobs') AND NOT (relrowsecurity AND relforcerowsecurity)
UNION ALL
SELECT 'jobs.jobs : politique « ' || p.polname || ' » trop large'
FROM pg_policy p
WHERE p.polrelid = to_regclass('jobs.jobs') AND p.polpermissive
  AND (0 = ANY (p.polroles) OR to_regrole('geosocle_jobs')::oid = ANY (p.polroles))
  AND NOT (pg_get_expr(p.polqual, p.polrelid) LIKE '%%organisation_of(current_setting(''app.key''%%'
           AND pg_get_expr(p.polqual, p.polrelid) LIKE '%%jobs.gives(%%'
           AND pg_get_expr(p.polqual, p.polrelid) NOT LIKE '%% OR %%')
UNION ALL
SELECT 'jobs.jobs : politique des demandeurs absente'
WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = to_regclass('jobs.jobs')
                  AND to_regrole('geosocle_jobs')::oid = ANY (p.polroles))
ORDER BY 1
