-- Where the objects of a dataset are in a commune, as it is served now; nothing to do where no table was written in.
UPDATE access.grounds SET ground = coalesce(
    (SELECT ST_Union(square) FROM (SELECT DISTINCT access.square(geom) AS square FROM {table} WHERE commune = %(commune)s) s),
    ST_GeomFromText('POLYGON EMPTY', 2154))
WHERE dataset = %(dataset)s AND commune = %(commune)s AND ground IS NULL
