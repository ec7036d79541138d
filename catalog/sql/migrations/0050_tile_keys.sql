-- What the rule makes of a tile for the caller, as a key: callers of one key may share one copy of the tile.

SET ROLE geosocle_owner;
GRANT CREATE ON SCHEMA access TO geosocle_rules;

-- Where the objects of a dataset are in a commune, on squares of 256 m, and which state of them this is. A stamp is drawn
-- at random: a database that is restored has the stamps of what it holds. Whoever writes in a table takes the ground
-- away, and loading puts it back: without one, the commune counts everywhere.
CREATE TABLE access.grounds (
    dataset text NOT NULL,
    commune text NOT NULL,
    stamp uuid NOT NULL DEFAULT gen_random_uuid(),
    ground public.geometry(Geometry, 2154),
    PRIMARY KEY (dataset, commune)
);
COMMENT ON TABLE access.grounds IS 'État des objets de chaque commune, et où ils sont : ce dont dépend une tuile partagée';
GRANT SELECT, INSERT, UPDATE, DELETE ON access.grounds TO geosocle_loader;
GRANT SELECT ON access.grounds TO geosocle_rules, geosocle_backup;

CREATE FUNCTION access.restamp() RETURNS trigger
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
CREATE PROCEDURE access.watch(a_table regclass, a_dataset text)
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
CREATE FUNCTION access.square(a_geometry public.geometry) RETURNS public.geometry
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN public.ST_MakeEnvelope(
        256 * floor((public.ST_XMin(a_geometry) - 2) / 256), 256 * floor((public.ST_YMin(a_geometry) - 2) / 256),
        256 * ceil((public.ST_XMax(a_geometry) + 2) / 256), 256 * ceil((public.ST_YMax(a_geometry) + 2) / 256),
        public.ST_SRID(a_geometry));

-- As it was, and whatever has the rule is watched, but for what is past, of which no tile is made.
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
    IF a_table::text NOT LIKE '%\_passe' THEN
        CALL access.watch(a_table, a_dataset);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION access.restamp(), access.square(public.geometry) FROM PUBLIC;
REVOKE ALL ON PROCEDURE access.watch(regclass, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.square(public.geometry) TO geosocle_loader;
RESET ROLE;

SET ROLE geosocle_rules;
-- The groups of a dataset that the caller has in a box, for the usage of this transaction, and the key of what the rule
-- lets it see there: the state of each commune whose objects may touch the box, group by group. No row where there is
-- none (the tile lies outside); of a tile that lies wholly inside what two callers have, and of one on whose border they
-- have the same communes, the key is the same. A commune without a ground counts everywhere; one that no table ever
-- held anything of has no row here, and nothing to give.
CREATE FUNCTION access.tile_key(a_dataset text, groups text[], a_box public.geometry)
    RETURNS TABLE (seen text[], key text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN QUERY
    WITH here AS MATERIALIZED (
        SELECT g.commune, g.stamp
        FROM unnest(access.visible_communes(a_dataset, 'base')) AS visible (commune)
        JOIN access.grounds g ON g.dataset = a_dataset AND g.commune = visible.commune
        WHERE g.ground IS NULL OR (g.ground OPERATOR(public.&&) a_box AND public.ST_Intersects(g.ground, a_box))
    ), given AS (
        SELECT 'base' AS name, h.commune, h.stamp FROM here h
        UNION ALL
        SELECT more.name, h.commune, h.stamp
        FROM unnest(array_remove(groups, 'base')) AS more (name)
        CROSS JOIN LATERAL unnest(access.visible_communes(a_dataset, more.name)) AS visible (commune)
        JOIN here h ON h.commune = visible.commune
    )
    SELECT array_agg(DISTINCT g.name),
           encode(sha256(convert_to(concat_ws(E'\n', current_database(), a_dataset,
               string_agg(concat_ws(' ', g.name, g.commune, g.stamp), E'\n'
                          ORDER BY g.name COLLATE "C", g.commune COLLATE "C")), 'UTF8')), 'hex')
    FROM given g HAVING count(*) > 0;
END
$$;
REVOKE ALL ON FUNCTION access.tile_key(text, text[], public.geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.tile_key(text, text[], public.geometry) TO geosocle_reader;
RESET ROLE;

SET ROLE geosocle_owner;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
RESET ROLE;

-- What is served already: each table that has the readers' policy, but for the past ones, of which no tile is made.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT p.polrelid::regclass AS name, parts.found[1] AS dataset, parts.found[2] AS attribute_group
        FROM pg_policy p
        CROSS JOIN LATERAL regexp_match(pg_get_expr(p.polqual, p.polrelid),
                                        'visible_communes\(''([^'']+)''::text, ''([^'']+)''') AS parts (found)
        WHERE p.polname = 'lecture' AND parts.found IS NOT NULL AND p.polrelid::regclass::text NOT LIKE '%\_passe'
    LOOP
        EXECUTE format('CALL access.watch(%L, %L)', one.name, one.dataset);
        IF one.attribute_group = 'base' THEN
            EXECUTE format('INSERT INTO access.grounds (dataset, commune, ground)'
                           ' SELECT %L, commune, public.ST_Union(square)'
                           ' FROM (SELECT DISTINCT commune, access.square(geom) AS square FROM %s) s GROUP BY commune',
                           one.dataset, one.name);
        END IF;
    END LOOP;
END
$$;
