-- Define a named area, or change it; true where it is new.
INSERT INTO access.areas (id, name, communes) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, communes = EXCLUDED.communes, changed = now()
RETURNING xmax = 0
