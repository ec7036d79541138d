-- The commune of one object, whoever may see it; NULL for one that does not exist.
SELECT access.commune_of(%(table)s, %(feature)s)
