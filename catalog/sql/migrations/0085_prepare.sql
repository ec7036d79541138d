-- What a dataset needs beside its table, anew: with indexes by which a day is found without the others. Nothing here but
-- what can be run again.

SET ROLE geosocle_owner;

-- Beside a dataset's tables: what they held before (`_passe`), where they are staged, indexes, and the rule on each.
-- Of what was before, (commune, id, …) finds a page, (geom, …) a box, and both tell a version of the day without fetching
-- those before and after it; (commune, valide_au, edition) counts a day, and finds what ended lately, which is what a
-- publication asks. Of what is served, (commune, id, edition) tells what is younger than a day without fetching it.
CREATE OR REPLACE PROCEDURE etl.prepare(a_table regclass, a_dataset text, groups text[])
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    a_group text;
    suffix text;
    present text;
    past text;
    stage text;
BEGIN
    FOREACH a_group IN ARRAY groups LOOP
        suffix := CASE a_group WHEN 'base' THEN '' ELSE '_' || a_group END;
        present := a_table::text || suffix;
        past := present || '_passe';
        stage := 'staging.' || quote_ident(a_dataset || suffix);
        EXECUTE format('CREATE TABLE %s (LIKE %s, valide_au date NOT NULL)', past, present);
        EXECUTE format('CREATE INDEX ON %s (commune, id, edition)', present);
        EXECUTE format('CREATE INDEX ON %s (unite)', present);
        EXECUTE format('CREATE INDEX ON %s (commune, id, edition, valide_au)', past);
        EXECUTE format('CREATE INDEX ON %s (commune, valide_au, edition)', past);
        EXECUTE format('CREATE TABLE %s (LIKE %s, delivery bigint NOT NULL)', stage, present);
        EXECUTE format('ALTER TABLE %s DROP COLUMN feature', stage);
        EXECUTE format('CREATE INDEX ON %s (delivery, commune)', stage);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO geosocle_loader', stage);
        IF a_group = 'base' THEN
            EXECUTE format('CREATE INDEX ON %s USING gist (geom)', present);
            EXECUTE format('CREATE INDEX ON %s USING gist (geom, edition, valide_au)', past);
        END IF;
        CALL etl.describe(present::regclass, stage::regclass);
        CALL access.protect(present::regclass, a_dataset, a_group);
        CALL access.protect(past::regclass, a_dataset, a_group);
    END LOOP;
END
$$;
RESET ROLE;
