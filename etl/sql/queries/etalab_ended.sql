-- The parcels of Etalab that the sheets of a delivery have ended, and that nothing serves.
SELECT DISTINCT p.id FROM cadastre.parcelles_passe p
WHERE p.commune = %(commune)s AND p.unite LIKE 'etalab-%%'
  AND p.valide_au IN (SELECT edition FROM etl.units
                      WHERE delivery = %(delivery)s AND commune = %(commune)s AND unit NOT LIKE 'etalab-%%')
  AND NOT EXISTS (SELECT FROM cadastre.parcelles t WHERE t.id = p.id)
