-- The reference limits that touch a box.
SELECT commune, ST_AsBinary(geom) FROM admin.limites
WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154) ORDER BY commune
