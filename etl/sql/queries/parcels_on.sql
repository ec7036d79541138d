-- The parcels of a commune as of a day; without one, those that are served.
SELECT id, unite, contenance, ST_AsBinary(geom) FROM cadastre.parcelles
WHERE commune = %(commune)s AND edition <= coalesce(%(day)s::date, 'infinity')
UNION ALL
SELECT id, unite, contenance, ST_AsBinary(geom) FROM cadastre.parcelles_passe
WHERE commune = %(commune)s AND edition <= %(day)s::date AND valide_au > %(day)s::date
