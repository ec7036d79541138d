-- The same as explain_facts, asked by an administrator's key; NULL for any other.
SELECT access.explained(%(key)s, %(organisation)s, %(dataset)s)
