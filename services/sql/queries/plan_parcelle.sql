-- The parcel that a plan is asked of, and the day; as for `item`, looked for in each commune of the caller's.
SELECT part.*
FROM unnest(access.visible_communes('parcelles', 'base')) AS here (commune)
CROSS JOIN LATERAL (
    SELECT p.id, p.commune, p.prefixe, p.section, p.numero, p.contenance, p.edition,
           (SELECT c.nom FROM cadastre.communes c WHERE c.commune = p.commune LIMIT 1), access.today(), ST_AsBinary(p.geom)
    FROM cadastre.parcelles p
    WHERE p.commune = here.commune AND p.id BETWEEN %(id)s AND %(id)s
    LIMIT 1
) part
