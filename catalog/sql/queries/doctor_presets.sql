-- Keys, usages or roles set in advance for a role or a database: an unset one must show nothing.
SELECT coalesce(s.setrole::regrole::text, '') || ' : ' || split_part(setting, '=', 1)
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS setting
WHERE setting ~ '^(app\.|role=|row_security=|session_preload_libraries=|search_path=)'
  AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND (s.setrole = 0 OR s.setrole::regrole::text = ANY (%(roles)s))
ORDER BY 1
