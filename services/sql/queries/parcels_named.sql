-- The parcels of a section and number (the last six characters of their ids), in each commune of the caller's: first
-- what the ids there begin with (commune and prefix: one, or one for each commune that was absorbed), each found by one
-- step into the index, then the parcel itself. A commune of others is never looked at: BETWEEN, not =, so that the
-- index of ids alone is not chosen. `stem` is one such beginning.
WITH RECURSIVE stems AS (
    SELECT here.commune, (
        SELECT left(p.id, 8) FROM cadastre.parcelles p WHERE p.commune = here.commune ORDER BY p.id LIMIT 1
    ) AS stem
    FROM unnest(access.visible_communes('parcelles', 'base')) AS here (commune)
    UNION ALL
    SELECT last.commune, (
        SELECT left(p.id, 8) FROM cadastre.parcelles p
        WHERE p.commune = last.commune AND p.id > last.stem || 'ZZ9999' ORDER BY p.id LIMIT 1
    )
    FROM stems last
    WHERE last.stem IS NOT NULL
)
SELECT part.commune, part.id, (SELECT c.nom FROM cadastre.communes c WHERE c.commune = part.commune LIMIT 1)
FROM (SELECT commune, stem FROM stems WHERE stem = coalesce(%(stem)s, stem) ORDER BY stem) s
CROSS JOIN LATERAL (
    SELECT p.commune, p.id FROM cadastre.parcelles p
    WHERE p.commune = s.commune AND p.id BETWEEN s.stem || %(end)s AND s.stem || %(end)s
    LIMIT 1
) part
