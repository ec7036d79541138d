-- Objects that another sheet holds in a newer edition; return them.
DELETE FROM {stage} s USING {table} t
WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s AND NOT %(force)s
  AND t.id = s.id AND t.unite <> ALL(%(units)s) AND t.edition > s.edition AND t.unite NOT LIKE 'etalab-%%'
RETURNING s.unite, s.id
