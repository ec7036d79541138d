-- Move what is replaced to the past: the rows of the sheets that come again, and those of the same identifiers. A row
-- was valid until its own sheet came without it, or until another sheet came with it.
WITH gone AS (
    DELETE FROM {table} t
    WHERE t.commune = %(commune)s
      AND ((%(owned)s AND t.unite = ANY(%(units)s))
           OR t.id IN (SELECT s.id FROM {stage} s WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s))
    RETURNING t.*
), ended AS (
    SELECT g.id, least(u.edition, s.edition) AS day
    FROM gone g
    LEFT JOIN etl.units u ON u.delivery = %(delivery)s AND u.unit = g.unite AND %(owned)s
    LEFT JOIN {stage} s ON s.delivery = %(delivery)s AND s.commune = %(commune)s AND s.id = g.id
)
INSERT INTO {past} ({columns}, valide_au)
SELECT {columns}, greatest(edition, day) FROM gone JOIN ended USING (id)
