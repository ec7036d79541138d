-- The columns of one more attribute group, in the communes where the caller has it.
LEFT JOIN {table} {alias} ON {alias}.id = t.id
