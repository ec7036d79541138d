-- Where procrastinate's own script, which names no schema, will put its tables.
CREATE SCHEMA queue AUTHORIZATION geosocle_owner;
SET LOCAL ROLE geosocle_owner;
SET LOCAL search_path = queue, pg_catalog;
