-- Who may do what. The login roles and their passwords are made by migrate.py before this file runs.
-- Role names carry no member's name: a member is a row, never a role.

ALTER ROLE geosocle_web NOINHERIT;
ALTER ROLE geosocle_worker NOINHERIT;
ALTER ROLE geosocle_backup BYPASSRLS;

ALTER ROLE geosocle_web SET statement_timeout = '15s';
ALTER ROLE geosocle_web SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE geosocle_web SET jit = off;
ALTER ROLE geosocle_worker SET jit = off;
ALTER ROLE geosocle_loader SET jit = off;

-- From PostgreSQL 16 on, inheriting and becoming are granted apart: the logins may become the reader, no more.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 160000 THEN
        EXECUTE 'GRANT geosocle_reader TO geosocle_web, geosocle_worker WITH INHERIT FALSE, SET TRUE';
    ELSE
        GRANT geosocle_reader TO geosocle_web, geosocle_worker;
    END IF;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO geosocle_owner, geosocle_rules, geosocle_loader, geosocle_reader, geosocle_worker, geosocle_backup;

-- What will be created from here on is nobody's until it is granted.
ALTER DEFAULT PRIVILEGES FOR ROLE geosocle_owner REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE geosocle_rules REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
