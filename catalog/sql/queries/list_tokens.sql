-- The tokens, all or of one organisation: what identifies them, never what they are.
SELECT t.id::text, t.organisation, t.label, t.administrator,
       CASE WHEN t.revoked IS NOT NULL THEN 'révoqué' WHEN t.expires <= now() THEN 'expiré' ELSE 'valable' END AS state,
       t.issued, t.expires, t.revoked, t.last_use
FROM access.tokens t
WHERE %(organisation)s::text IS NULL OR t.organisation = %(organisation)s
ORDER BY t.organisation, t.issued
