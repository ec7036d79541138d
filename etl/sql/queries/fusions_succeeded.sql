-- The sheets that merged communes still serve, and that one of the new commune has succeeded, or that a whole delivery of
-- it lacks: by commune and by the day when that happened.
SELECT f.ancienne, coalesce(s.edition, %(newest)s) AS day, array_agg(o.unit ORDER BY o.unit)
FROM admin.fusions f
JOIN etl.published o ON o.kind = %(kind)s AND o.commune = f.ancienne
LEFT JOIN etl.published s ON s.kind = o.kind AND s.commune = f.nouvelle AND s.unit = admin.successor(o.unit, f.nouvelle)
WHERE f.nouvelle = %(commune)s AND o.edition <= coalesce(s.edition, %(newest)s)
  AND (s.unit IS NOT NULL OR o.unit = ANY(%(missing)s))
GROUP BY f.ancienne, day ORDER BY f.ancienne, day
