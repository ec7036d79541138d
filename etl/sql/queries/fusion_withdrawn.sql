-- The sheets of a merged commune that have left since with a whole delivery of the new one, and are not served again.
SELECT DISTINCT p.unite FROM cadastre.parcelles_passe p
WHERE p.commune = %(old)s AND p.retiree_le >= %(told)s
  AND NOT EXISTS (SELECT FROM etl.published o WHERE o.kind = 'cadastre' AND o.unit = p.unite AND o.commune = p.commune)
ORDER BY 1
