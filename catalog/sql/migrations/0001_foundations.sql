-- Roles, extensions, and what nobody may do until it is granted. The login roles and their passwords are made by
-- migrate.py before this file runs. Role names carry no member's name: a member is a row, never a role.

ALTER ROLE geosocle_web NOINHERIT;
ALTER ROLE geosocle_worker NOINHERIT;
ALTER ROLE geosocle_backup BYPASSRLS;

ALTER ROLE geosocle_web SET statement_timeout = '15s';
ALTER ROLE geosocle_web SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE geosocle_web SET jit = off;
ALTER ROLE geosocle_worker SET jit = off;
ALTER ROLE geosocle_loader SET jit = off;
ALTER ROLE geosocle_audit SET statement_timeout = '5s';
ALTER ROLE geosocle_audit SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE geosocle_audit SET jit = off;

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

-- What will be created from here on is nobody's until it is granted: the files that follow only say who may.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE geosocle_owner REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE geosocle_rules REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE geosocle_register REVOKE EXECUTE ON ROUTINES FROM PUBLIC;

CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
GRANT USAGE ON SCHEMA public TO geosocle_owner, geosocle_rules, geosocle_loader, geosocle_reader, geosocle_worker, geosocle_backup;
GRANT SELECT ON public.spatial_ref_sys TO geosocle_owner, geosocle_loader, geosocle_reader, geosocle_worker;
REVOKE ALL ON public.spatial_ref_sys, public.geometry_columns, public.geography_columns FROM PUBLIC;

-- The installation's system of coordinates, written once: 2154 stands for it in every script.
SET ROLE geosocle_owner;
CREATE TABLE migrations.installation (
    srid integer PRIMARY KEY,
    seule boolean NOT NULL DEFAULT true UNIQUE CHECK (seule)
);
COMMENT ON TABLE migrations.installation IS 'Le système de coordonnées de l''installation : une ligne, qui ne change jamais';
COMMENT ON COLUMN migrations.installation.srid IS 'Code EPSG dans lequel tout est conservé (GEOSOCLE_SRID)';
COMMENT ON COLUMN migrations.installation.seule IS 'Vrai : il n''y a qu''une ligne';
INSERT INTO migrations.installation (srid) VALUES (2154);
GRANT SELECT ON migrations.installation TO geosocle_backup;
