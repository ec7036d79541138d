-- How many rows an export has.
SELECT count(*) FROM {table} base WHERE base.commune = ANY(%s)
