-- Where the caller's communes are, as far as their objects of one dataset go: a box that touches none of them is
-- answered without asking the table, whose time would tell of hidden rows; one that covers some needs no look at theirs.

SET ROLE geosocle_owner;
GRANT CREATE ON SCHEMA access TO geosocle_rules;
RESET ROLE;

SET ROLE geosocle_rules;
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
REVOKE ALL ON FUNCTION access.visible_extents(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.visible_extents(text) TO geosocle_reader;
RESET ROLE;

SET ROLE geosocle_owner;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
RESET ROLE;
