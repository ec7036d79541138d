-- How many parcels of some communes a box in degrees holds.
SELECT count(*) FROM cadastre.parcelles
WHERE geom && ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 2154)
  AND commune = ANY(%(communes)s)
