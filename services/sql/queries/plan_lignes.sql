-- Paths, pavements, streams and arrows, by the code of their sign, in the frame of a plan.
SELECT symbole, ST_AsBinary(geom) FROM cadastre.lignes
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
