-- The parcels in the frame of a plan.
SELECT numero, ST_AsBinary(geom) FROM cadastre.parcelles
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
