-- The rivers in the frame of a plan.
SELECT nom, ST_AsBinary(geom) FROM cadastre.troncons_cours_eau
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
