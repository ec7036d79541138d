-- What the past holds beyond the edition that comes ends with it: an older edition is imposed, and later ones were not.
WITH beyond AS MATERIALIZED (
    SELECT ctid AS place, id, unite, valide_au FROM {past}
    WHERE commune = %(commune)s
      AND valide_au > (SELECT min(edition) FROM etl.units WHERE delivery = %(delivery)s AND unit = ANY(%(units)s))
), cut AS (
    SELECT b.place, least(u.edition, s.edition) AS edition
    FROM beyond b
    LEFT JOIN etl.units u ON u.delivery = %(delivery)s AND u.unit = b.unite AND u.unit = ANY(%(units)s) AND %(owned)s
    LEFT JOIN {stage} s ON s.delivery = %(delivery)s AND s.commune = %(commune)s AND s.id = b.id
    WHERE b.valide_au > least(u.edition, s.edition)
)
UPDATE {past} p SET valide_au = greatest(p.edition, cut.edition) FROM cut WHERE p.ctid = cut.place
