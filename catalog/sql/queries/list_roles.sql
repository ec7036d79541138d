-- The roles of the product that exist on this server.
SELECT rolname FROM pg_roles WHERE rolname LIKE 'geosocle\_%'
