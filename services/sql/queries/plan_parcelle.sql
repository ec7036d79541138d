-- The parcel that a plan is asked of, and the day.
SELECT p.id, p.commune, p.prefixe, p.section, p.numero, p.contenance, p.edition,
       (SELECT c.nom FROM cadastre.communes c WHERE c.commune = p.commune LIMIT 1), access.today(), ST_AsBinary(p.geom)
FROM cadastre.parcelles p
WHERE p.id = %s
