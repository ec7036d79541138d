-- The parcels of a commune that are otherwise after some days than before them; those of communes merged into it too.
WITH gone AS (
    SELECT id, unite, edition, ST_AsBinary(geom) AS shape FROM cadastre.parcelles_passe
    WHERE commune = ANY(%(communes)s) AND edition < %(first)s AND valide_au BETWEEN %(first)s AND %(last)s
), come AS (
    SELECT id, unite, ST_AsBinary(geom) AS shape FROM cadastre.parcelles
    WHERE commune = %(commune)s AND edition BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT id, unite, ST_AsBinary(geom) FROM cadastre.parcelles_passe
    WHERE commune = %(commune)s AND edition BETWEEN %(first)s AND %(last)s AND valide_au > %(last)s
)
SELECT gone.id, gone.edition, gone.shape, come.id, come.unite, come.shape
FROM gone FULL JOIN come ON come.id = gone.id
WHERE gone.shape IS DISTINCT FROM come.shape
ORDER BY coalesce(come.id, gone.id)
