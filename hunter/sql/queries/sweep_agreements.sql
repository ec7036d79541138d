-- Remove the agreements that a hunt granted, with their rights.
DELETE FROM access.agreements WHERE id LIKE %(prefix)s
