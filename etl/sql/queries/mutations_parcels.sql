-- The parcels of a commune that are otherwise after some days than before them. Those of a commune merged into it are
-- among them once it has them, under the name that it gives them: what ended on a day when their own commune had no
-- edition. Those of sheets that came and were withdrawn within these days were before, as they last were.
WITH renewed AS (
    SELECT commune, edition FROM cadastre.feuilles WHERE commune = ANY(%(communes)s)
    UNION
    SELECT commune, edition FROM cadastre.feuilles_passe WHERE commune = ANY(%(communes)s)
), gone AS (
    SELECT p.id, CASE p.commune WHEN %(commune)s THEN p.id ELSE admin.successor(p.id, %(commune)s) END AS key,
           p.edition, ST_AsBinary(p.geom) AS shape, ARRAY[p.contenance::text, p.arpente::text] AS said
    FROM cadastre.parcelles_passe p
    LEFT JOIN admin.fusions f ON f.ancienne = p.commune
         AND NOT EXISTS (SELECT FROM renewed r WHERE r.commune = p.commune AND r.edition = p.valide_au)
    WHERE p.commune = ANY(%(communes)s) AND p.edition < %(first)s AND p.valide_au BETWEEN %(first)s AND %(last)s
      AND coalesce(f.nouvelle, p.commune) = %(commune)s
), withdrawn AS (
    SELECT p.id, p.id AS key, p.edition, ST_AsBinary(p.geom) AS shape, ARRAY[p.contenance::text, p.arpente::text] AS said,
           p.retiree_le, max(p.retiree_le) OVER (PARTITION BY p.unite) AS last
    FROM cadastre.parcelles_passe p
    WHERE p.commune = %(commune)s AND p.unite = ANY(%(withdrawn)s) AND p.retiree_le IS NOT NULL
      AND p.edition BETWEEN %(first)s AND %(last)s AND p.valide_au BETWEEN %(first)s AND %(last)s
), was AS (
    SELECT * FROM gone
    UNION ALL
    SELECT w.id, w.key, w.edition, w.shape, w.said FROM withdrawn w
    WHERE w.retiree_le = w.last AND NOT EXISTS (SELECT FROM gone g WHERE g.id = w.id)
), come AS (
    SELECT id, unite, ST_AsBinary(geom) AS shape, ARRAY[contenance::text, arpente::text] AS said
    FROM cadastre.parcelles
    WHERE commune = %(commune)s AND edition BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT id, unite, ST_AsBinary(geom), ARRAY[contenance::text, arpente::text]
    FROM cadastre.parcelles_passe
    WHERE commune = %(commune)s AND edition BETWEEN %(first)s AND %(last)s AND valide_au > %(last)s
)
SELECT was.id, was.key, was.edition, was.shape, was.said, come.id, come.unite, come.shape, come.said
FROM was FULL JOIN come ON come.id = was.id
WHERE was.shape IS DISTINCT FROM come.shape OR was.said IS DISTINCT FROM come.said
ORDER BY coalesce(come.id, was.id)
