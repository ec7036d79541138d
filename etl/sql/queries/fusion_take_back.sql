-- Take a merger back, and keep that it was said.
WITH gone AS (DELETE FROM admin.fusions WHERE ancienne = %(old)s RETURNING ancienne, nouvelle, jour, dite_le)
INSERT INTO admin.fusions_retirees (ancienne, nouvelle, jour, dite_le) SELECT * FROM gone
