-- The identities, all or of one organisation, with how many sessions each has open.
SELECT i.id::text, i.organisation, i.label, i.issuer, i.claims, i.administrator, i.last_use,
       (SELECT count(*) FROM access.sessions s WHERE s.identity = i.id AND s.expires > now()) AS sessions
FROM access.identities i
WHERE %(organisation)s::text IS NULL OR i.organisation = %(organisation)s
ORDER BY i.organisation, i.added
