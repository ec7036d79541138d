-- What a dataset needs beside its table, and the rule on each: one procedure to call for a new one, `etl.prepare`.
-- Nothing here but what can be run again.

SET ROLE geosocle_owner;

-- The ground of what is written in is taken away, as access.grounds says.
CREATE OR REPLACE FUNCTION access.restamp() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE access.grounds SET stamp = gen_random_uuid(), ground = NULL WHERE dataset = TG_ARGV[0];
    ELSE
        INSERT INTO access.grounds AS g (dataset, commune)
        SELECT DISTINCT TG_ARGV[0], c.commune FROM changed c ORDER BY 2
        ON CONFLICT (dataset, commune) DO UPDATE SET stamp = EXCLUDED.stamp, ground = NULL;
    END IF;
    RETURN NULL;
END
$$;

-- An update changes both communes where it moves a row from one to another.
CREATE OR REPLACE PROCEDURE access.watch(a_table regclass, a_dataset text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    event record;
BEGIN
    FOR event IN VALUES ('insert', 'INSERT', 'REFERENCING NEW TABLE AS changed'),
                        ('delete', 'DELETE', 'REFERENCING OLD TABLE AS changed'),
                        ('update_from', 'UPDATE', 'REFERENCING OLD TABLE AS changed'),
                        ('update_to', 'UPDATE', 'REFERENCING NEW TABLE AS changed'),
                        ('truncate', 'TRUNCATE', '') LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER restamp_%s AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION access.restamp(%L)',
                       event.column1, event.column2, a_table, event.column3, a_dataset);
    END LOOP;
END
$$;

-- The squares that an object's box touches. PostGIS compares boxes in single precision: by up to a metre, hence two more.
CREATE OR REPLACE FUNCTION access.square(a_geometry public.geometry) RETURNS public.geometry
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN public.ST_MakeEnvelope(
        256 * floor((public.ST_XMin(a_geometry) - 2) / 256), 256 * floor((public.ST_YMin(a_geometry) - 2) / 256),
        256 * ceil((public.ST_XMax(a_geometry) + 2) / 256), 256 * ceil((public.ST_YMax(a_geometry) + 2) / 256),
        public.ST_SRID(a_geometry));
GRANT EXECUTE ON FUNCTION access.square(public.geometry) TO geosocle_loader;

-- The reader sees the rows of the communes that its rights give; the loader, all. FORCE binds the owner too. Whatever
-- has the rule is watched, but for what is past, of which no tile is made.
CREATE OR REPLACE PROCEDURE access.protect(a_table regclass, a_dataset text, a_group text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', a_table);
    EXECUTE format('DROP POLICY IF EXISTS lecture ON %s', a_table);
    EXECUTE format('DROP POLICY IF EXISTS chargement ON %s', a_table);
    EXECUTE format('CREATE POLICY lecture ON %s FOR SELECT TO geosocle_reader USING (commune IN (SELECT unnest(access.visible_communes(%L, %L))))',
                   a_table, a_dataset, a_group);
    EXECUTE format('CREATE POLICY chargement ON %s TO geosocle_loader USING (true) WITH CHECK (true)', a_table);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', a_table);
    EXECUTE format('GRANT SELECT ON %s TO geosocle_reader, geosocle_backup', a_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO geosocle_loader', a_table);
    -- The rules' own role finds the commune of an object by its id, and nothing else of it.
    EXECUTE format('DROP POLICY IF EXISTS explication ON %s', a_table);
    EXECUTE format('CREATE POLICY explication ON %s FOR SELECT TO geosocle_rules USING (true)', a_table);
    EXECUTE format('GRANT SELECT (id, commune) ON %s TO geosocle_rules', a_table);
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO geosocle_rules',
                   (SELECT c.relnamespace::regnamespace FROM pg_class c WHERE c.oid = a_table));
    IF a_table::text NOT LIKE '%\_passe' THEN
        CALL access.watch(a_table, a_dataset);
    END IF;
END
$$;

-- Tables of readers that stand without the rule, or views that borrow their owner's rights: must be none.
CREATE OR REPLACE FUNCTION access.unprotected() RETURNS TABLE (object text, fault text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT c.oid::regclass::text,
           CASE WHEN NOT c.relrowsecurity THEN 'sans ROW LEVEL SECURITY'
                WHEN NOT c.relforcerowsecurity THEN 'sans FORCE ROW LEVEL SECURITY'
                WHEN c.relkind = 'm' THEN 'vue matérialisée lisible'
                WHEN c.relkind = 'v' THEN 'vue sans security_invoker'
                ELSE 'sans politique de lecture' END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
      AND has_table_privilege('geosocle_reader', c.oid, 'SELECT')
      AND CASE WHEN c.relkind = 'm' THEN true
               WHEN c.relkind = 'v' THEN NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
               ELSE NOT c.relrowsecurity OR NOT c.relforcerowsecurity
                    OR NOT EXISTS (
                        SELECT 1 FROM pg_policy p
                        WHERE p.polrelid = c.oid AND p.polcmd = 'r'
                          AND pg_get_expr(p.polqual, p.polrelid) LIKE '%visible\_communes(%')
               END;
END;

-- The words of a dataset's table, also on what it held before and on where it is staged; to be called again where a
-- column is added. What every dataset has is said here, unless the dataset says it otherwise.
CREATE OR REPLACE PROCEDURE etl.describe(a_table regclass, stage regclass)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    past regclass := a_table::text || '_passe';
    words text := obj_description(a_table, 'pg_class');
    one record;
BEGIN
    EXECUTE format('COMMENT ON TABLE %s IS %L', past, words || ' : ce qui a été remplacé');
    EXECUTE format('COMMENT ON TABLE %s IS %L', stage, words || ' : en attente de publication');
    EXECUTE format('COMMENT ON COLUMN %s.valide_au IS %L', past, 'Jour de l''édition qui l''a remplacé');
    EXECUTE format('COMMENT ON COLUMN %s.delivery IS %L', stage, 'Livraison');
    FOR one IN
        SELECT a.attname AS name, coalesce(col_description(a_table, a.attnum), shared.words) AS words
        FROM pg_attribute a
        LEFT JOIN (VALUES
            ('commune', 'Code INSEE de la commune, cinq caractères'),
            ('geom', 'Géométrie, dans le système de coordonnées de l''installation'),
            ('feature', 'Texte GeoJSON de l''objet, prêt à servir, sans ses deux dernières accolades')
        ) AS shared (name, words) ON shared.name = a.attname
        WHERE a.attrelid = a_table AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', a_table, one.name, one.words);
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', past, one.name, one.words);
        IF one.name <> 'feature' THEN
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', stage, one.name, one.words);
        END IF;
    END LOOP;
END
$$;

-- Beside a dataset's tables: what they held before (`_passe`), where they are staged, indexes, and the rule on each.
-- Of what was before, (commune, id, …) finds a page, (geom, …) a box, and both tell a version of the day without fetching
-- those before and after it; (commune, valide_au) finds what ended lately, which is what a publication asks.
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
        EXECUTE format('CREATE INDEX ON %s (commune, id)', present);
        EXECUTE format('CREATE INDEX ON %s (unite)', present);
        EXECUTE format('CREATE INDEX ON %s (commune, id, edition, valide_au)', past);
        EXECUTE format('CREATE INDEX ON %s (commune, valide_au)', past);
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
