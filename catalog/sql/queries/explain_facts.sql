-- All that decides about a dataset for an organisation; NULL for one that does not exist.
SELECT access.facts(%(organisation)s, %(dataset)s)
