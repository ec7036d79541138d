-- The organisations, or one of them, with their territory and the agreements that run today.
SELECT o.id, o.name, o.kind, o.communes::text[] AS communes,
       ARRAY(SELECT a.id::text FROM access.agreements a
             WHERE a.organisation = o.id AND access.today() BETWEEN a.first_day AND a.last_day ORDER BY a.id) AS agreements
FROM access.organisations o
WHERE %(id)s::text IS NULL OR o.id = %(id)s
ORDER BY o.id
