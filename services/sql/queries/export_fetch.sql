-- The next rows of an export.
FETCH FORWARD {count} FROM export
