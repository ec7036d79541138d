-- The signs along limits, by their code, and how they are turned, in the frame of a plan.
SELECT symbole, ST_AsBinary(geom), orientation FROM cadastre.symboles_limites
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
