-- The columns of one more group, in the communes where the file may hold it.

LEFT JOIN {table} {group} ON {group}.id = base.id AND {group}.commune = ANY({communes})
