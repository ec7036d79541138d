-- Move to the past what was found of objects that their sheet or file no longer serves: another took them.
WITH gone AS (
    DELETE FROM cadastre.anomalies a
    WHERE a.commune = %(commune)s AND a.unite <> a.commune
      AND (NOT EXISTS (SELECT FROM etl.published p WHERE p.kind = %(kind)s AND p.commune = a.commune AND p.unit = a.unite)
           OR a.unite = 'etalab-' || a.commune AND a.objet IS NOT NULL AND a.regle <> 'objet_rejete'
              AND NOT EXISTS (SELECT FROM cadastre.parcelles p
                              WHERE p.commune = a.commune AND p.id = a.objet AND p.unite = a.unite)
           OR a.unite LIKE 'etalab-%%' AND a.unite <> 'etalab-' || a.commune
              AND EXISTS (SELECT FROM cadastre.feuilles f
                          WHERE f.commune = a.commune AND f.unite NOT LIKE 'etalab-%%' AND ST_Intersects(f.geom, a.geom)))
    RETURNING a.*
)
INSERT INTO cadastre.anomalies_passe SELECT gone.*, greatest(gone.edition, %(newest)s) FROM gone
