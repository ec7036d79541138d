-- Remove whom a hunt's organisations know through a provider, with their sessions.
DELETE FROM access.identities WHERE organisation LIKE %(prefix)s
