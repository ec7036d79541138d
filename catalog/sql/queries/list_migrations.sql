-- The migrations that this database has had.
SELECT name FROM migrations.applied ORDER BY name
