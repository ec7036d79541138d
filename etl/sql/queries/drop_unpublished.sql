-- Sheets or files of which nothing is served in a commune any more.
DELETE FROM etl.published p
WHERE p.kind = %(kind)s AND p.commune = %(commune)s AND p.unit LIKE 'etalab-%%'
  AND NOT EXISTS (SELECT FROM {table} t WHERE t.commune = %(commune)s AND t.unite = p.unit)
