-- The parcels that a commune serves.
SELECT id, ST_AsBinary(geom) FROM cadastre.parcelles WHERE commune = %s
