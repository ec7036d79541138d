-- Sheets or files of which nothing is served in a commune any more.
DELETE FROM etl.published p
WHERE p.kind = %(kind)s AND p.commune = %(commune)s AND p.unit NOT IN ({served})
