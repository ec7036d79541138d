-- Objects of this database owned by a role that logs in (its owner may lift a table's rules).
SELECT r.rolname || ' possède ' || pg_describe_object(d.classid, d.objid, d.objsubid)
FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
  AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND r.rolcanlogin AND r.rolname = ANY (%(roles)s)
ORDER BY 1
