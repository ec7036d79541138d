-- What was valid on a day is found without reading the editions before and after it: every table of the past, later ones too.

CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
SET ROLE geosocle_owner;

-- (commune, id, …) finds a page, (geom, …) a box, and both tell a version of the day without fetching the others;
-- (commune, valide_au) finds what ended lately, which is what a publication asks.
CREATE PROCEDURE etl.index_past(past regclass, spatial boolean)
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS
$$
BEGIN
    EXECUTE format('CREATE INDEX ON %s (commune, id, edition, valide_au)', past);
    EXECUTE format('CREATE INDEX ON %s (commune, valide_au)', past);
    IF spatial THEN
        EXECUTE format('CREATE INDEX ON %s USING gist (geom, edition, valide_au)', past);
    END IF;
END
$$;
REVOKE ALL ON PROCEDURE etl.index_past(regclass, boolean) FROM PUBLIC;

CREATE OR REPLACE PROCEDURE etl.prepare(a_table regclass, a_dataset text, groups text[])
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    a_group text;
    current_table text;
    stage text;
BEGIN
    FOREACH a_group IN ARRAY groups LOOP
        current_table := a_table::text || CASE a_group WHEN 'base' THEN '' ELSE '_' || a_group END;
        stage := 'staging.' || quote_ident(a_dataset || CASE a_group WHEN 'base' THEN '' ELSE '_' || a_group END);
        EXECUTE format('CREATE TABLE %s_passe (LIKE %s, valide_au date NOT NULL)', current_table, current_table);
        EXECUTE format('CREATE INDEX ON %s (commune, id)', current_table);
        EXECUTE format('CREATE INDEX ON %s (unite)', current_table);
        EXECUTE format('CREATE TABLE %s (LIKE %s, delivery bigint NOT NULL)', stage, current_table);
        EXECUTE format('ALTER TABLE %s DROP COLUMN feature', stage);
        EXECUTE format('CREATE INDEX ON %s (delivery, commune)', stage);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO geosocle_loader', stage);
        IF a_group = 'base' THEN
            EXECUTE format('CREATE INDEX ON %s USING gist (geom)', current_table);
        END IF;
        CALL etl.index_past((current_table || '_passe')::regclass, a_group = 'base');
        EXECUTE format('CALL access.protect(%L, %L, %L)', current_table, a_dataset, a_group);
        EXECUTE format('CALL access.protect(%L, %L, %L)', current_table || '_passe', a_dataset, a_group);
    END LOOP;
END
$$;

-- The tables that are there: their indexes of before go, the same for each.
DO $$
DECLARE
    past record;
    old regclass;
BEGIN
    FOR past IN
        SELECT c.oid::regclass AS name, EXISTS (
            SELECT FROM pg_attribute g WHERE g.attrelid = c.oid AND g.attname = 'geom' AND NOT g.attisdropped
        ) AS spatial
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'valide_au'
        WHERE c.relkind = 'r' AND c.relname LIKE '%\_passe' AND pg_has_role(c.relowner, 'MEMBER')
    LOOP
        FOR old IN SELECT indexrelid FROM pg_index WHERE indrelid = past.name LOOP
            EXECUTE format('DROP INDEX %s', old);
        END LOOP;
        CALL etl.index_past(past.name, past.spatial);
    END LOOP;
END
$$;
RESET ROLE;
