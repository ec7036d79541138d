-- The commune of one object, whoever may see it.
SELECT commune FROM {table} WHERE id = %s
