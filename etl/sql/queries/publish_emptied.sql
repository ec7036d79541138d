-- Move to the past the sections, and the commune, of which no sheet is left: no sheet owns them. Those of a file of Etalab
-- leave with it.
WITH gone AS (
    DELETE FROM {table} t
    WHERE t.commune = %(commune)s AND CASE WHEN t.unite LIKE 'etalab-%%' THEN t.unite = ANY(%(missing)s)
        ELSE NOT EXISTS (SELECT FROM {sheets} f WHERE f.commune = %(commune)s AND left(f.id, length(t.id)) = t.id) END
    RETURNING t.*
)
INSERT INTO {past} ({columns}, valide_au) SELECT {columns}, greatest(edition, %(newest)s) FROM gone
