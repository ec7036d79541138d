-- End the connections of the web services of this database, as a failing network does.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = 'geosocle_web'
