-- The report of a delivery whose units are all still served as they came; no row else.
SELECT d.report FROM etl.deliveries d
WHERE d.id = %s AND d.status = 'published'
  AND EXISTS (SELECT FROM etl.units u WHERE u.delivery = d.id AND u.status = 'published')
  AND NOT EXISTS (
    SELECT FROM etl.units u
    WHERE u.delivery = d.id
      AND NOT EXISTS (SELECT FROM etl.published p WHERE p.kind = d.kind AND p.unit = u.unit AND p.sha256 = u.sha256))
