-- The numbers in streets in the frame of a plan.
SELECT numero, ST_AsBinary(geom) FROM cadastre.numeros_voirie
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
