-- The sheets that were held in a commune before some days, had they left it meanwhile, and those whose parcels these days
-- have taken: what they held is known. Those of communes merged into it are known by their new names.
WITH ended AS (
    SELECT commune, unite FROM cadastre.feuilles_passe
    WHERE commune = ANY(%(communes)s) AND edition < %(first)s AND valide_au <= %(last)s
    UNION
    SELECT commune, unite FROM cadastre.parcelles_passe
    WHERE commune = ANY(%(communes)s) AND edition < %(first)s AND valide_au BETWEEN %(first)s AND %(last)s
)
SELECT CASE commune WHEN %(commune)s THEN unite ELSE admin.successor(unite, %(commune)s) END FROM ended
