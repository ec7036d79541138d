-- Wells, calvaries and other points, by the code of their sign, and how they are turned, in the frame of a plan.
SELECT symbole, ST_AsBinary(geom), orientation FROM cadastre.points_divers
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY id
