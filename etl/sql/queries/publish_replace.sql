-- Move what is replaced to the past: the rows of the sheets that come again, and those of the same identifiers.
WITH gone AS (
    DELETE FROM {table} t
    WHERE t.commune = %(commune)s
      AND ((%(owned)s AND t.unite = ANY(%(units)s))
           OR t.id IN (SELECT s.id FROM {stage} s WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s))
    RETURNING t.*
)
INSERT INTO {past} ({columns}, valide_au)
SELECT {columns}, greatest(gone.edition, coalesce(
           (SELECT u.edition FROM etl.units u WHERE u.delivery = %(delivery)s AND u.unit = gone.unite), %(newest)s))
FROM gone
