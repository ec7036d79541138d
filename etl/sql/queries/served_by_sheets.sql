-- What the sheets of a commune serve.
SELECT id FROM {table} WHERE commune = %s AND unite NOT LIKE 'etalab-%%'
