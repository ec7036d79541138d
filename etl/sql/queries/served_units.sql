-- The sheets or files that serve something of a dataset in a commune.
SELECT t.unite FROM {table} t WHERE t.commune = %(commune)s
