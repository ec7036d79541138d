-- The sheet that has succeeded one of a merged commune, where it is served.
SELECT s.unit FROM admin.fusions f
JOIN etl.published s ON s.kind = 'cadastre' AND s.commune = f.nouvelle AND s.unit = admin.successor(%s, f.nouvelle)
WHERE f.ancienne = %s
