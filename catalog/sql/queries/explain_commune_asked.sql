-- The same as explain_commune, asked by an administrator's key; NULL for any other.
SELECT access.explained_commune(%(key)s, %(table)s, %(feature)s)
