-- Keep a geometry as it came, beside its repair where there is one.
INSERT INTO etl.reparations (delivery, unit, layer, object, fault, area_before, area_after, original, repaired)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
