-- The last editions of the cadastral plan that are or were served, as text.
SELECT DISTINCT u.edition::text AS edition
FROM etl.units AS u JOIN etl.deliveries AS d ON d.id = u.delivery
WHERE d.kind = 'cadastre' AND d.status = 'published' AND u.edition IS NOT NULL
ORDER BY edition DESC
LIMIT 3
