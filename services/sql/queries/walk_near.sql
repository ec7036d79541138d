-- As `walk`, for a wide area: communes that it does not touch are passed over, those that it covers are not looked at
-- piece by piece.
SELECT part.*
FROM (
    SELECT commune, ST_Covers({area}, extent) AS covered
    FROM access.visible_extents({dataset})
    WHERE (extent && {area} OR extent IS NULL) AND commune >= %(after_commune)s
    ORDER BY commune
) here
CROSS JOIN LATERAL (
    SELECT t.commune, t.id, t.edition, {feature} AS feature
    FROM {source} t{joins}
    WHERE t.commune = here.commune AND {start} AND (here.covered OR ({inside})) AND {conditions}
    ORDER BY t.id{versions}
    LIMIT {end}
) part
LIMIT {rows} OFFSET {offset}
