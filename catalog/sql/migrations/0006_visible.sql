-- What a caller may see of a dataset, as the role `geosocle_rules`: the communes that the policies ask for, then what
-- answers need of them without reading the tables.

GRANT CREATE ON SCHEMA access TO geosocle_rules;
SET ROLE geosocle_owner;

CREATE TABLE access.statistics (
    dataset text NOT NULL,
    commune text NOT NULL,
    objects bigint NOT NULL,
    extent public.geometry(Polygon, 2154),
    edition date,
    PRIMARY KEY (dataset, commune)
);
COMMENT ON TABLE access.statistics IS 'Nombre, étendue et édition des objets par commune, tenus au chargement';

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

GRANT SELECT ON access.statistics, access.grounds TO geosocle_rules, geosocle_backup;
GRANT SELECT, INSERT, UPDATE, DELETE ON access.statistics, access.grounds TO geosocle_loader;

SET ROLE geosocle_rules;

-- The communes of which the caller of this transaction may see a group of a dataset for its usage: none where
-- anything is missing. It does not depend on the row: the policies hash it once a query.
CREATE FUNCTION access.visible_communes(a_dataset text, a_group text) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    caller text := access.organisation_of(current_setting('app.key', true));
    wanted text := current_setting('app.usage', true);
BEGIN
    IF caller IS NULL THEN
        RETURN '{}'::text[];
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT unnest(r.communes)::text
        FROM access.rights r JOIN access.agreements a ON a.id = r.agreement
        WHERE a.organisation IN (caller, 'public')
          AND access.today() BETWEEN a.first_day AND a.last_day
          AND r.dataset = a_dataset AND r.attribute_group = a_group AND r.usage = wanted);
END
$$;

-- Count, extent and newest edition of what the caller sees of a dataset, for its usage or for any it has.
CREATE FUNCTION access.visible_statistics(a_dataset text, any_usage boolean)
    RETURNS TABLE (objects bigint, extent public.geometry, edition date)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    caller text := access.organisation_of(current_setting('app.key', true));
    wanted text := current_setting('app.usage', true);
BEGIN
    RETURN QUERY
    SELECT coalesce(sum(s.objects), 0)::bigint, ST_SetSRID(ST_Extent(s.extent)::geometry, 2154), max(s.edition)
    FROM access.statistics s
    WHERE s.dataset = a_dataset
      AND s.commune IN (
        SELECT unnest(r.communes)::text
        FROM access.rights r JOIN access.agreements a ON a.id = r.agreement
        WHERE caller IS NOT NULL AND a.organisation IN (caller, 'public')
          AND access.today() BETWEEN a.first_day AND a.last_day
          AND r.dataset = a_dataset AND r.attribute_group = 'base' AND (any_usage OR r.usage = wanted));
END
$$;

-- Where the caller's communes are, as far as their objects of one dataset go: a box that touches none of them is
-- answered without asking the table, whose time would tell of hidden rows; one that covers some needs no look at theirs.
-- A commune without statistics is given without extent: whoever asks must then look.
CREATE FUNCTION access.visible_extents(a_dataset text) RETURNS TABLE (commune text, extent public.geometry)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN QUERY
    SELECT v.visible, s.extent::public.geometry
    FROM unnest(access.visible_communes(a_dataset, 'base')) AS v (visible)
    LEFT JOIN access.statistics s ON s.dataset = a_dataset AND s.commune = v.visible;
END
$$;

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

-- The policies are also planned for the roles that may become the reader and for the loader's own statements.
GRANT EXECUTE ON FUNCTION access.visible_communes(text, text) TO geosocle_owner, geosocle_reader;
GRANT EXECUTE ON FUNCTION access.visible_statistics(text, boolean), access.visible_extents(text),
    access.tile_key(text, text[], public.geometry) TO geosocle_reader;

RESET ROLE;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
