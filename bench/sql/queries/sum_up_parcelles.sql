-- Count and extent of each commune's parcels, as the loader keeps them.
INSERT INTO access.statistics (dataset, commune, objects, extent, edition)
SELECT 'parcelles', commune, count(*), ST_SetSRID(ST_Extent(geom)::geometry, 2154), max(edition)
FROM cadastre.parcelles
GROUP BY commune
