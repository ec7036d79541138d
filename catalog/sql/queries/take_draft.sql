-- A draft that is about to be signed: it is no longer one.
DELETE FROM access.drafts WHERE id = %s RETURNING content
