-- Enter a sheet or file of a delivery, or enter it again.
INSERT INTO etl.units (delivery, unit, commune, edition, sha256, status, objects) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (delivery, unit) DO UPDATE
SET commune = EXCLUDED.commune, edition = EXCLUDED.edition, sha256 = EXCLUDED.sha256, status = EXCLUDED.status, objects = EXCLUDED.objects
