-- A commune, and all that mergers tie to it: what became of each, and from when to when it is held.
WITH RECURSIVE family AS (
    SELECT %(commune)s::text AS code
    UNION
    SELECT CASE f.ancienne WHEN family.code THEN f.nouvelle::text ELSE f.ancienne::text END
    FROM family JOIN admin.fusions f ON family.code IN (f.ancienne, f.nouvelle)
), held AS (
    SELECT commune, edition, NULL::date AS valide_au FROM cadastre.feuilles
    UNION ALL
    SELECT commune, edition, valide_au FROM cadastre.feuilles_passe
), named AS (
    SELECT commune, nom, NULL::date AS valide_au FROM cadastre.communes
    UNION ALL
    SELECT commune, nom, valide_au FROM cadastre.communes_passe
)
SELECT family.code AS commune,
       (SELECT nom FROM named WHERE commune = family.code ORDER BY valide_au DESC NULLS FIRST LIMIT 1) AS nom,
       f.nouvelle AS devient, f.jour,
       (SELECT min(edition) FROM held WHERE commune = family.code) AS depuis,
       (SELECT CASE WHEN count(*) = count(valide_au) THEN max(valide_au) END FROM held WHERE commune = family.code) AS jusqu_au,
       (SELECT count(*) FROM etl.published p WHERE p.kind = 'cadastre' AND p.commune = family.code) AS feuilles
FROM family LEFT JOIN admin.fusions f ON f.ancienne = family.code
WHERE f.ancienne IS NOT NULL OR EXISTS (SELECT FROM admin.fusions n WHERE n.nouvelle = family.code)
   OR EXISTS (SELECT FROM held WHERE commune = family.code)
   OR EXISTS (SELECT FROM etl.published p WHERE p.kind = 'cadastre' AND p.commune = family.code)  -- Etalab has no sheets
ORDER BY f.jour NULLS LAST, family.code
