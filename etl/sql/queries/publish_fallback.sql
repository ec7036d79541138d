-- Where EDIGEO sheets come, what Etalab gave for the same ground goes to the past.
WITH gone AS (
    DELETE FROM {table} t USING {sheets} f
    WHERE t.commune = %(commune)s AND t.unite LIKE 'etalab-%%'
      AND f.delivery = %(delivery)s AND f.commune = %(commune)s AND f.unite NOT LIKE 'etalab-%%'
      AND f.geom && t.geom AND ST_Intersects(f.geom, ST_PointOnSurface(t.geom))
    RETURNING t.*, greatest(t.edition, f.edition) AS ended
)
INSERT INTO {past} ({columns}, valide_au) SELECT {columns}, ended FROM gone
