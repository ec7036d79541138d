-- Enter a delivery.
INSERT INTO etl.deliveries (kind, name, sha256) VALUES (%s, %s, %s) RETURNING id
