-- Remove the organisations that a hunt made.
DELETE FROM access.organisations WHERE id LIKE %(prefix)s
