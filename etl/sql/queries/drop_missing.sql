-- Sheets that a whole delivery lacks are served no more, unless a newer edition has come meanwhile; return them.
DELETE FROM etl.published
WHERE kind = %(kind)s AND commune = %(commune)s AND unit = ANY(%(missing)s) AND edition <= %(newest)s
RETURNING unit
