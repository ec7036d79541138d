-- One publication at a time in a commune.
SELECT pg_advisory_xact_lock(hashtextextended('geosocle commune ' || %s, 0))
