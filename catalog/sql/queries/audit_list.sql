-- The lines of the register, all, of an organisation or of one day of Paris, oldest first.
SELECT l.number, l.at, l.kind, l.organisation, l.bearer::text AS bearer, coalesce(known.name, l.bearer::text) AS bearer_name, l.usage, l.door, l.dataset,
       ARRAY(SELECT g ->> 'agreement' FROM jsonb_array_elements(l.agreements) AS g) AS agreements,
       ARRAY(SELECT DISTINCT g ->> 'purpose' FROM jsonb_array_elements(l.agreements) AS g) AS purposes,
       ARRAY(SELECT DISTINCT name FROM jsonb_array_elements(l.agreements) AS g, jsonb_object_keys(g -> 'groups') AS name
             ORDER BY name) AS groups,
       (SELECT coalesce(sum(jsonb_array_length(ids)), 0) FROM jsonb_each(l.features) AS f (commune, ids)) AS features,
       l.job::text AS job, encode(l.hash, 'hex') AS hash
FROM registre.lines l
LEFT JOIN LATERAL (
    SELECT 'jeton ' || coalesce(nullif(t.label, ''), t.id::text) AS name FROM access.tokens t WHERE t.id = l.bearer
    UNION ALL
    SELECT 'identité ' || coalesce(nullif(i.label, ''), i.claims::text) FROM access.identities i WHERE i.id = l.bearer
) AS known ON true
WHERE (%(organisation)s::text IS NULL OR l.organisation = %(organisation)s)
  AND (%(day)s::date IS NULL OR (l.at >= %(day)s::date::timestamp AT TIME ZONE 'Europe/Paris'
                                 AND l.at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'Europe/Paris'))
ORDER BY l.number
