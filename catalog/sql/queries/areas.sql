-- The communes of every named area.
SELECT id::text, communes::text[] FROM access.areas
