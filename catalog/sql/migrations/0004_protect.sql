-- One procedure puts the rule on a table; another makes everything a dataset needs beside its table.

SET ROLE geosocle_owner;

-- The reader sees the rows of the communes that its rights give; the loader, all. FORCE binds the owner too.
CREATE PROCEDURE access.protect(a_table regclass, a_dataset text, a_group text)
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
END
$$;

-- Tables of readers that stand without the rule, or views that borrow their owner's rights: must be none.
CREATE FUNCTION access.unprotected() RETURNS TABLE (object text, fault text)
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

CREATE SCHEMA etl;
CREATE SCHEMA staging;

CREATE TABLE etl.deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    status text NOT NULL DEFAULT 'reading' CHECK (status IN ('reading', 'staged', 'published', 'refused')),
    report jsonb
);
CREATE INDEX ON etl.deliveries (kind, sha256);
COMMENT ON TABLE etl.deliveries IS 'Livraisons reçues, avec le compte rendu de leur chargement';

CREATE TABLE etl.units (
    delivery bigint NOT NULL REFERENCES etl.deliveries ON DELETE CASCADE,
    unit text NOT NULL,
    commune text,
    edition date,
    sha256 text NOT NULL,
    status text NOT NULL,
    objects integer NOT NULL DEFAULT 0,
    PRIMARY KEY (delivery, unit)
);
COMMENT ON TABLE etl.units IS 'Feuilles ou fichiers d''une livraison';

CREATE TABLE etl.published (
    kind text NOT NULL,
    unit text NOT NULL,
    commune text NOT NULL,
    edition date NOT NULL,
    sha256 text NOT NULL,
    delivery bigint NOT NULL REFERENCES etl.deliveries,
    PRIMARY KEY (kind, unit, commune)
);
COMMENT ON TABLE etl.published IS 'Ce qui est servi : l''édition de chaque feuille ou fichier';

CREATE TABLE etl.rejects (
    delivery bigint NOT NULL REFERENCES etl.deliveries ON DELETE CASCADE,
    unit text NOT NULL,
    layer text NOT NULL,
    object text,
    reason text NOT NULL
);
CREATE INDEX ON etl.rejects (delivery);
COMMENT ON TABLE etl.rejects IS 'Objets rejetés, avec la raison';

GRANT USAGE ON SCHEMA etl TO geosocle_loader, geosocle_backup;
GRANT USAGE ON SCHEMA staging TO geosocle_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA etl TO geosocle_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA etl TO geosocle_backup;

-- Beside a dataset's tables: what they held before (`_passe`), where they are staged, indexes, and the rule on each.
CREATE PROCEDURE etl.prepare(a_table regclass, a_dataset text, groups text[])
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
        EXECUTE format('CREATE INDEX ON %s_passe (commune, id)', current_table);
        EXECUTE format('CREATE TABLE %s (LIKE %s, delivery bigint NOT NULL)', stage, current_table);
        EXECUTE format('ALTER TABLE %s DROP COLUMN feature', stage);
        EXECUTE format('CREATE INDEX ON %s (delivery, commune)', stage);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO geosocle_loader', stage);
        IF a_group = 'base' THEN
            EXECUTE format('CREATE INDEX ON %s USING gist (geom)', current_table);
            EXECUTE format('CREATE INDEX ON %s_passe USING gist (geom)', current_table);
        END IF;
        EXECUTE format('CALL access.protect(%L, %L, %L)', current_table, a_dataset, a_group);
        EXECUTE format('CALL access.protect(%L, %L, %L)', current_table || '_passe', a_dataset, a_group);
    END LOOP;
END
$$;

CREATE SCHEMA admin;
GRANT USAGE ON SCHEMA admin TO geosocle_loader, geosocle_backup;
CREATE TABLE admin.limites (
    commune text PRIMARY KEY,
    geom public.geometry(MultiPolygon, 2154) NOT NULL
);
CREATE INDEX ON admin.limites USING gist (geom);
COMMENT ON TABLE admin.limites IS 'Partition de référence : les communes tenues, sans vide ni recouvrement';
GRANT SELECT, INSERT, UPDATE, DELETE ON admin.limites TO geosocle_loader;
GRANT SELECT ON admin.limites TO geosocle_backup;
REVOKE ALL ON ALL ROUTINES IN SCHEMA etl FROM PUBLIC;
REVOKE ALL ON PROCEDURE access.protect(regclass, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION access.unprotected() FROM PUBLIC;
RESET ROLE;
