-- The sheets and sections that a commune serves.
SELECT 'feuilles', id, edition, ST_AsBinary(geom) FROM cadastre.feuilles WHERE commune = %(commune)s
UNION ALL
SELECT 'sections', id, edition, ST_AsBinary(geom) FROM cadastre.sections WHERE commune = %(commune)s
ORDER BY 1, 2
