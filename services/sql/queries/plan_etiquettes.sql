-- The names of streets, rivers, buildings and details in the frame of a plan: their angle, their height on the ground.
SELECT e.texte, ST_AsBinary(e.geom), e.angle, e.hauteur * coalesce(f.echelle, 1000) / 1000
FROM cadastre.etiquettes e LEFT JOIN cadastre.feuilles f ON f.id = e.unite
WHERE e.geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154)
  AND e.classe IN ('ZONCOMMUNI_id', 'TRONROUTE_id', 'TRONFLUV_id', 'VOIEP_id', 'TSURF_id', 'TLINE_id', 'TPOINT_id')
ORDER BY e.id
