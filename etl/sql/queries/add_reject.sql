-- Keep why an object was not loaded.
INSERT INTO etl.rejects (delivery, unit, layer, object, reason) VALUES (%s, %s, %s, %s, %s)
