-- Who may enter this database: run again by every `geosocle migrate`, since a copy of it forgets.

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO geosocle_loader, geosocle_web, geosocle_worker, geosocle_audit, geosocle_backup', current_database());
    EXECUTE format('GRANT TEMP ON DATABASE %I TO geosocle_loader', current_database());
    -- The owner of everything creates schemas during migrations.
    EXECUTE format('GRANT CREATE ON DATABASE %I TO geosocle_owner', current_database());
END
$$;
