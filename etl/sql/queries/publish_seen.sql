-- Communes and sections that another sheet has brought in an edition as new: seen again, not loaded.
DELETE FROM {stage} s USING {table} t
WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s AND t.id = s.id AND t.unite <> s.unite AND t.edition >= s.edition
  AND (t.unite NOT LIKE 'etalab-%%' OR s.unite LIKE 'etalab-%%')
RETURNING s.unite, s.id
