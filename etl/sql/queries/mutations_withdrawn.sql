-- The sheets of a commune that came and were withdrawn within some days: they were not known before, and neither they nor
-- those that succeed them in another commune are there after.
SELECT DISTINCT p.unite
FROM cadastre.parcelles_passe p LEFT JOIN admin.fusions m ON m.ancienne = p.commune
WHERE p.commune = %(commune)s AND p.retiree_le IS NOT NULL AND p.unite NOT LIKE 'etalab-%%'
  AND p.edition BETWEEN %(first)s AND %(last)s AND p.valide_au BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (
    SELECT FROM cadastre.feuilles f
    WHERE f.id IN (p.unite, admin.successor(p.unite, m.nouvelle)) AND f.edition <= %(last)s)
  AND NOT EXISTS (
    SELECT FROM cadastre.feuilles_passe f
    WHERE f.id IN (p.unite, admin.successor(p.unite, m.nouvelle))
      AND (f.edition < %(first)s OR (f.edition <= %(last)s AND f.valide_au > %(last)s)))
