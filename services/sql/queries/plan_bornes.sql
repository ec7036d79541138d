-- The marks of limits, by their kind, and how they are turned, in the frame of a plan.
SELECT type, ST_AsBinary(geom), orientation FROM cadastre.bornes
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
