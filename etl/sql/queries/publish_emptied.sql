-- Move to the past the sections, and the commune, of which no sheet is left: no sheet owns them.
WITH gone AS (
    DELETE FROM {table} t
    WHERE t.commune = %(commune)s AND t.unite NOT LIKE 'etalab-%%'
      AND NOT EXISTS (SELECT FROM {sheets} f WHERE f.commune = %(commune)s AND left(f.id, length(t.id)) = t.id)
    RETURNING t.*
)
INSERT INTO {past} ({columns}, valide_au) SELECT {columns}, greatest(edition, %(newest)s) FROM gone
