-- The buildings, by their kind, in the frame of a plan.
SELECT type, ST_AsBinary(geom) FROM cadastre.batiments
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
