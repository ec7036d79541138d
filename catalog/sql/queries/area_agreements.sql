-- The signed agreements and the drafts that name an area.
SELECT a.id::text, a.organisation::text, a.first_day, a.last_day, false AS draft, access.today() <= a.last_day AS counts
FROM access.agreements a
WHERE EXISTS (SELECT FROM jsonb_array_elements(a.terms) AS t WHERE t -> 'communes' ? %(id)s)
UNION ALL
SELECT d.id, d.organisation, (d.content ->> 'first_day')::date, (d.content ->> 'last_day')::date, true, false
FROM access.drafts d
WHERE EXISTS (SELECT FROM jsonb_array_elements(d.content -> 'rights') AS t WHERE t -> 'communes' ? %(id)s)
ORDER BY 1
