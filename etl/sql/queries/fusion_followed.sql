-- The sheets that the new commune has, or has had, of one that merged into it: they bear its prefix.
SELECT DISTINCT f.id FROM (
    SELECT id, commune FROM cadastre.feuilles UNION ALL SELECT id, commune FROM cadastre.feuilles_passe
) f
WHERE f.commune = %(new)s AND substr(f.id, 6, 3) = substr(%(old)s, 3, 3)
ORDER BY 1
