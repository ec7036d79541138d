-- The territory of an organisation.
SELECT communes::text[] FROM access.organisations WHERE id = %s
