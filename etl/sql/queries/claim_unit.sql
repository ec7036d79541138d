-- Enter a sheet or file in a delivery under way: no row where the delivery has it in a better lot. Better is newer;
-- of as new ones, the first by name. True for one that was not there.
INSERT INTO etl.units (delivery, unit, commune, edition, sha256, status, objects, file, report)
SELECT d.id, %(unit)s, %(commune)s, %(edition)s, %(sha256)s, %(status)s, %(objects)s, %(file)s, %(report)s
FROM (SELECT id FROM etl.deliveries WHERE id = %(delivery)s AND status = 'reading' FOR SHARE) d
ON CONFLICT (delivery, unit) DO UPDATE
SET commune = EXCLUDED.commune, edition = EXCLUDED.edition, sha256 = EXCLUDED.sha256, status = EXCLUDED.status,
    objects = EXCLUDED.objects, file = EXCLUDED.file, report = EXCLUDED.report
WHERE units.edition < EXCLUDED.edition
   OR units.edition = EXCLUDED.edition
      AND (units.file COLLATE "C", units.sha256 COLLATE "C") >= (EXCLUDED.file COLLATE "C", EXCLUDED.sha256 COLLATE "C")
RETURNING xmax = 0
