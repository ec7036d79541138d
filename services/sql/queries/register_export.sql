-- The features of an export, for the register.
SELECT commune, id FROM {table} WHERE commune = ANY(%(base)s)
