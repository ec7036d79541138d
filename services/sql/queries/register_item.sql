-- Where one feature is, for the register and for quotas; as for `item`, looked for in each commune of the caller's.
SELECT part.commune, part.id
FROM unnest(access.visible_communes({dataset}, 'base')) AS here (commune)
CROSS JOIN LATERAL (
    SELECT t.commune, t.id FROM {table} t WHERE t.commune = here.commune AND t.id BETWEEN %(id)s AND %(id)s LIMIT 1
) part
