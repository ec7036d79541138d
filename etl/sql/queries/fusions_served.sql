-- How many sheets the communes that merged into some still serve.
SELECT f.ancienne, f.nouvelle, count(*) FROM admin.fusions f
JOIN etl.published p ON p.kind = 'cadastre' AND p.commune = f.ancienne AND p.unit NOT LIKE 'etalab-%%'
WHERE f.nouvelle = ANY(%s) GROUP BY f.ancienne ORDER BY f.ancienne
