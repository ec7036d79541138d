-- Remember that a migration was applied.
INSERT INTO migrations.applied (name) VALUES (%s)
