-- Remove an agreement of the hunt's own, with its rights.
DELETE FROM access.agreements WHERE id = %s
