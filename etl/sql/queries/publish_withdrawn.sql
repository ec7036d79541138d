-- Move to the past the parcels of the sheets that are no more, marked as such; those that come on another sheet are replaced.
WITH gone AS (
    DELETE FROM {table} t
    WHERE t.commune = %(commune)s AND t.unite = ANY(%(missing)s)
      AND NOT EXISTS (
        SELECT FROM {stage} s WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s AND s.id = t.id)
    RETURNING t.*
)
INSERT INTO {past} ({columns}, valide_au, retiree_le) SELECT {columns}, greatest(edition, %(newest)s), now() FROM gone
