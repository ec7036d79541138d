-- The sheets that merged communes still serve, and that one of the new commune has succeeded, or that a whole delivery of
-- it lacks: by commune and by the day when that happened. A file of Etalab has succeeded where it bears the old prefix.
SELECT f.ancienne, coalesce(s.edition, %(newest)s) AS day, array_agg(o.unit ORDER BY o.unit)
FROM admin.fusions f
JOIN etl.published o ON o.kind = %(kind)s AND o.commune = f.ancienne
LEFT JOIN etl.published s ON s.kind = o.kind AND s.commune = f.nouvelle
     AND s.unit = CASE WHEN o.unit LIKE 'etalab-%%' THEN replace(o.unit, f.ancienne, f.nouvelle)
                       ELSE admin.successor(o.unit, f.nouvelle) END
     AND (o.unit NOT LIKE 'etalab-%%' OR EXISTS (
        SELECT FROM cadastre.parcelles p WHERE p.commune = f.nouvelle AND p.unite LIKE 'etalab-%%'
          AND substr(p.id, 6, 3) = substr(f.ancienne, 3, 3)))
WHERE f.nouvelle = %(commune)s AND o.edition <= coalesce(s.edition, %(newest)s)
  AND (s.unit IS NOT NULL OR o.unit = ANY(%(missing)s))
GROUP BY f.ancienne, day ORDER BY f.ancienne, day
