-- Move to the past the sections of which no sheet is left.
WITH gone AS (
    DELETE FROM {table} t
    WHERE t.commune = %(commune)s AND t.unite = ANY(%(missing)s)
      AND NOT EXISTS (SELECT FROM {sheets} f WHERE f.commune = %(commune)s AND left(f.id, 10) = t.id)
    RETURNING t.*
)
INSERT INTO {past} ({columns}, valide_au) SELECT {columns}, greatest(edition, %(newest)s) FROM gone
