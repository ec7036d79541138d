-- Move what is replaced to the past: the rows of the sheets that come again or are no more, and those of the same
-- identifiers. A row was valid until its own sheet came without it, until another came with it, or until the commune came
-- without its sheet.
WITH gone AS (
    DELETE FROM {table} t
    WHERE t.commune = %(commune)s
      AND ((%(owned)s AND t.unite = ANY(%(units)s::text[] || %(missing)s::text[]))
           OR t.id IN (SELECT s.id FROM {stage} s WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s))
    RETURNING t.*
), ended AS (
    SELECT g.id, least(u.edition, s.edition, CASE WHEN g.unite = ANY(%(missing)s) THEN %(newest)s END) AS day
    FROM gone g
    LEFT JOIN etl.units u ON u.delivery = %(delivery)s AND u.unit = g.unite AND %(owned)s
    LEFT JOIN {stage} s ON s.delivery = %(delivery)s AND s.commune = %(commune)s AND s.id = g.id
)
INSERT INTO {past} ({columns}, valide_au)
SELECT {columns}, greatest(edition, day) FROM gone JOIN ended USING (id)
