-- Remove the drafts of a hunt's agreements.
DELETE FROM access.drafts WHERE id LIKE %(prefix)s
