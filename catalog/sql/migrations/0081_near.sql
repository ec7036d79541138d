-- Whether a commune of the caller's has something near an area: by the squares of 256 m that its objects touch, where they
-- are told, and not by its extent alone, which holds much of its neighbours. A box over a neighbour's town, within the
-- extent, had its rows fetched and judged: 164 buffers where one over nothing touched 12.

GRANT CREATE ON SCHEMA access TO geosocle_rules;
SET ROLE geosocle_rules;
CREATE FUNCTION access.is_near(a_dataset text, an_area public.geometry) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN EXISTS (
        SELECT FROM access.visible_extents(a_dataset) AS here
        LEFT JOIN access.grounds g ON g.dataset = a_dataset AND g.commune = here.commune
        WHERE (here.extent IS NULL OR here.extent OPERATOR(public.&&) an_area)
          AND (g.ground IS NULL
               OR (g.ground OPERATOR(public.&&) an_area AND public.ST_Intersects(g.ground, an_area))));
END
$$;
GRANT EXECUTE ON FUNCTION access.is_near(text, public.geometry) TO geosocle_reader;

-- The key of a tile (0006): the grounds of the caller's communes alone are compared with the box, not all of the dataset's.
CREATE OR REPLACE FUNCTION access.tile_key(a_dataset text, groups text[], a_box public.geometry)
    RETURNS TABLE (seen text[], key text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN QUERY
    WITH here AS MATERIALIZED (
        SELECT g.commune, g.stamp
        FROM (
            SELECT o.*
            FROM unnest(access.visible_communes(a_dataset, 'base')) AS visible (commune)
            JOIN access.grounds o ON o.dataset = a_dataset AND o.commune = visible.commune
            OFFSET 0
        ) g
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

RESET ROLE;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
