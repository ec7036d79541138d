-- The parcels of a commune that are otherwise after some days than before them; those of communes merged into it too.
WITH gone AS (
    SELECT id, unite, edition, ST_AsBinary(geom) AS shape, ARRAY[contenance::text, arpente::text] AS said
    FROM cadastre.parcelles_passe
    WHERE commune = ANY(%(communes)s) AND edition < %(first)s AND valide_au BETWEEN %(first)s AND %(last)s
), come AS (
    SELECT id, unite, ST_AsBinary(geom) AS shape, ARRAY[contenance::text, arpente::text] AS said
    FROM cadastre.parcelles
    WHERE commune = %(commune)s AND edition BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT id, unite, ST_AsBinary(geom), ARRAY[contenance::text, arpente::text]
    FROM cadastre.parcelles_passe
    WHERE commune = %(commune)s AND edition BETWEEN %(first)s AND %(last)s AND valide_au > %(last)s
)
SELECT gone.id, gone.edition, gone.shape, gone.said, come.id, come.unite, come.shape, come.said
FROM gone FULL JOIN come ON come.id = gone.id
WHERE gone.shape IS DISTINCT FROM come.shape OR gone.said IS DISTINCT FROM come.said
ORDER BY coalesce(come.id, gone.id)
