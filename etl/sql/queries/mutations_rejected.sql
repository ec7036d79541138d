-- The parcels that the sheets served hold, but were rejected: nobody knows what became of them.
SELECT r.object FROM etl.rejects r JOIN etl.published p ON p.delivery = r.delivery AND p.unit = r.unit
WHERE p.kind = 'cadastre' AND p.commune = %(commune)s AND r.layer = 'parcelles' AND r.object IS NOT NULL
