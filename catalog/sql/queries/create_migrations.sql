-- Where the migrations of this database are recorded.
CREATE SCHEMA IF NOT EXISTS migrations AUTHORIZATION geosocle_owner;
CREATE TABLE IF NOT EXISTS migrations.applied (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now());
ALTER TABLE migrations.applied OWNER TO geosocle_owner;
GRANT USAGE ON SCHEMA migrations TO geosocle_backup;
GRANT SELECT ON migrations.applied TO geosocle_backup
