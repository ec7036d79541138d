-- One parcel of each commune, and a place in it, in metres.
SELECT DISTINCT ON (commune) commune, id, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom))
FROM cadastre.parcelles ORDER BY commune, id
