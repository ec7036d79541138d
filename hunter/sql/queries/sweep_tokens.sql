-- Remove the tokens of a hunt's organisations.
DELETE FROM access.tokens WHERE organisation LIKE %(prefix)s
