-- The sections in the frame of a plan.
SELECT section, ST_AsBinary(geom) FROM cadastre.sections
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
