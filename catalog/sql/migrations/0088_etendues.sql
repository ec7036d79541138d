-- Where a commune's objects ever were: a wide area of a day is walked by it, and a small one that touches none of the
-- caller's communes does not ask the past, whose time would tell of hidden rows. Without one, whoever asks must look.

GRANT CREATE ON SCHEMA access TO geosocle_rules;
SET ROLE geosocle_owner;
ALTER TABLE access.statistics ADD COLUMN extent_ever public.geometry(Geometry, 2154);
COMMENT ON COLUMN access.statistics.extent_ever IS 'Étendue de ce qui est tenu et de ce qui l''a été ; vide si elle n''est pas connue';

SET ROLE geosocle_rules;
CREATE FUNCTION access.visible_extents_ever(a_dataset text) RETURNS TABLE (commune text, extent public.geometry)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN QUERY
    SELECT v.visible, s.extent_ever::public.geometry
    FROM unnest(access.visible_communes(a_dataset, 'base')) AS v (visible)
    LEFT JOIN access.statistics s ON s.dataset = a_dataset AND s.commune = v.visible;
END
$$;
GRANT EXECUTE ON FUNCTION access.visible_extents_ever(text) TO geosocle_reader;

-- What is held already, as nobody's policy hides it.
RESET ROLE;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT p.polrelid::regclass AS past, g.dataset
        FROM pg_policy p JOIN pg_attribute a ON a.attrelid = p.polrelid AND a.attname = 'geom' AND NOT a.attisdropped
        CROSS JOIN LATERAL (SELECT substring(pg_get_expr(p.polqual, p.polrelid) FROM $re$visible_communes\('([^']+)'$re$)) g (dataset)
        WHERE p.polname = 'lecture' AND p.polrelid::regclass::text LIKE '%\_passe'
    LOOP
        EXECUTE format('UPDATE access.statistics s SET extent_ever = ST_Envelope(ST_Collect(s.extent, p.extent))
            FROM (SELECT c.commune, (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 2154) FROM %1$s o WHERE o.commune = c.commune) AS extent
                  FROM access.statistics c WHERE c.dataset = %2$L) p
            WHERE s.dataset = %2$L AND s.commune = p.commune', one.past, one.dataset);
    END LOOP;
END
$$;
