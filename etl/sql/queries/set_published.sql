-- A sheet or file is now served in a commune.
INSERT INTO etl.published (kind, unit, commune, edition, sha256, delivery)
SELECT %(kind)s, u.unit, %(commune)s, u.edition, u.sha256, u.delivery
FROM etl.units u WHERE u.delivery = %(delivery)s AND u.unit = ANY(%(units)s)
ON CONFLICT (kind, unit, commune) DO UPDATE SET edition = EXCLUDED.edition, sha256 = EXCLUDED.sha256, delivery = EXCLUDED.delivery
