-- One change at a time of the reference partition.
SELECT pg_advisory_xact_lock(hashtextextended('geosocle limites', 0))
