-- A member and its territory.
INSERT INTO access.organisations (id, name, kind, communes) VALUES (%s, %s, %s, %s)
