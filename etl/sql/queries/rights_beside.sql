-- What legal persons' files serve of a département in one dataset, beside what a delivery has of it.
SELECT commune, unit, edition FROM etl.published
WHERE kind = 'personnes_morales' AND split_part(unit, '-', 1) = %(dataset)s AND starts_with(commune, %(departement)s)
  AND unit <> ALL(%(present)s)
ORDER BY commune, unit
