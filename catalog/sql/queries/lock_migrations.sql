-- Let one migration run at a time; the lock goes with the connection.
SELECT pg_advisory_lock(hashtext('geosocle.migrate'))
