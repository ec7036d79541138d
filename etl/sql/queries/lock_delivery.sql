-- Wait until no other load takes the same delivery; held until the connection ends.
SELECT pg_advisory_lock(hashtextextended('geosocle delivery ' || %s || ' ' || %s, 0))
