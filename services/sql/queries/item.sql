-- One feature as GeoJSON text, looked for in each commune of the caller's: a row that is hidden costs what one that does
-- not exist costs, since the policy is never asked about it. BETWEEN, not =, so that the index of ids alone, which would
-- find that row, is not chosen.
SELECT part.feature
FROM unnest(access.visible_communes({dataset}, 'base')) AS here (commune)
CROSS JOIN LATERAL (
    SELECT {feature} AS feature
    FROM {source} t{joins}
    WHERE t.commune = here.commune AND t.id BETWEEN %(id)s AND %(id)s
    LIMIT 1
) part
