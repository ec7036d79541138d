-- The sheets that some communes serve beside those of a delivery; those of the communes merged into them, which it may have
-- under their new names, are among theirs.
SELECT CASE WHEN p.commune = ANY(%(communes)s) THEN p.commune ELSE f.nouvelle END AS commune, p.unit, p.edition
FROM etl.published p LEFT JOIN admin.fusions f ON f.ancienne = p.commune
WHERE p.kind = 'cadastre' AND p.unit NOT LIKE 'etalab-%%' AND (p.commune = ANY(%(communes)s) OR f.nouvelle = ANY(%(communes)s))
  AND p.unit <> ALL(array_remove(%(present)s::text[], NULL))
  AND (f.nouvelle IS NULL OR admin.successor(p.unit, f.nouvelle) <> ALL(array_remove(%(present)s::text[], NULL)))
ORDER BY 1, 2
