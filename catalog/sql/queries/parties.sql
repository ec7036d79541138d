-- Every organisation, as a list of members describes one.
SELECT id::text, name, kind, communes::text[] FROM access.organisations
