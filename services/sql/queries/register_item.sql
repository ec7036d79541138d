-- Where one feature is, for the register.
SELECT commune, id FROM {table} WHERE id = %(id)s
