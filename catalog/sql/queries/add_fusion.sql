-- A commune merges into another on a day; said again, the day is corrected.
INSERT INTO admin.fusions (ancienne, nouvelle, jour) VALUES (%(old)s, %(new)s, %(day)s)
ON CONFLICT (ancienne) DO UPDATE SET jour = EXCLUDED.jour WHERE fusions.nouvelle = EXCLUDED.nouvelle
RETURNING ancienne
