-- The reference limit of a commune.
INSERT INTO admin.limites (commune, geom) VALUES (%s, ST_GeomFromWKB(%s, 2154))
ON CONFLICT (commune) DO UPDATE SET geom = EXCLUDED.geom
