-- Every read that gave one feature, with the agreements and groups that covered it there; a file that was handed over
-- has the features of the line that its export left.
SELECT l.number, l.at, l.kind, l.organisation, l.bearer::text AS bearer, coalesce(known.name, l.bearer::text) AS bearer_name, l.usage, l.door, l.dataset,
       covering.agreements, covering.purposes, covering.groups, l.job::text AS job
FROM registre.lines l
JOIN registre.lines seen ON seen.number = l.number
     OR (l.kind = 'download' AND seen.job = l.job AND seen.kind = 'read' AND seen.number < l.number)
CROSS JOIN LATERAL (
    SELECT f.commune FROM jsonb_each(seen.features) AS f (commune, ids) WHERE f.ids ? %(feature)s LIMIT 1
) AS place
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT g ->> 'agreement') AS agreements, array_agg(DISTINCT g ->> 'purpose') AS purposes,
           array_agg(DISTINCT part.name) AS groups
    FROM jsonb_array_elements(seen.agreements) AS g, jsonb_each(g -> 'groups') AS part (name, communes)
    WHERE part.communes ? place.commune
) AS covering
LEFT JOIN LATERAL (
    SELECT 'jeton ' || coalesce(nullif(t.label, ''), t.id::text) AS name FROM access.tokens t WHERE t.id = l.bearer
    UNION ALL
    SELECT 'identité ' || coalesce(nullif(i.label, ''), i.claims::text) FROM access.identities i WHERE i.id = l.bearer
) AS known ON true
WHERE %(dataset)s::text IS NULL OR l.dataset = %(dataset)s
ORDER BY l.number
