-- What is held of the cadastre: by commune its sheets, editions, sources, parcels and score.
SELECT
    p.commune,
    (SELECT min(c.nom) FROM cadastre.communes c WHERE c.commune = p.commune) AS nom,
    count(*) FILTER (WHERE p.unit NOT LIKE 'etalab-%%') AS feuilles,
    min(p.edition) AS plus_ancienne,
    max(p.edition) AS plus_recente,
    array_agg(DISTINCT CASE WHEN p.unit LIKE 'etalab-%%' THEN 'Etalab' ELSE 'EDIGEO' END) AS sources,
    (SELECT count(*) FROM cadastre.parcelles t WHERE t.commune = p.commune) AS parcelles,
    (SELECT s.score FROM etl.scores s WHERE s.commune = p.commune AND s.unit = p.commune) AS note,
    (SELECT count(*) FROM cadastre.anomalies a
     WHERE a.commune = p.commune AND a.regle <> 'feuille_manquante') AS anomalies,
    (SELECT string_agg(substr(a.objet, 6), ', ' ORDER BY a.objet) FROM cadastre.anomalies a
     WHERE a.commune = p.commune AND a.regle = 'feuille_manquante') AS sections_nues
FROM etl.published p
WHERE p.kind = 'cadastre' AND (%(commune)s::text IS NULL OR p.commune = %(commune)s)
GROUP BY p.commune
ORDER BY p.commune
