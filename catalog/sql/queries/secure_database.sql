-- What a dump, a copy of the database or an update of PostGIS loses: run again by every `geosocle migrate`.

-- An expression set_config('app.key', …) slipped into a query would change tenant: only the logins may call it,
-- and they have become the reader by the time that a caller's question is asked.
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean)
    TO geosocle_loader, geosocle_web, geosocle_worker, geosocle_audit, geosocle_backup;

-- Without LEAKPROOF on the operator's function, the box of a query is tested after the policy, row by row:
-- 348 ms instead of 1.7 for the whole département. It compares boxes and raises no error.
ALTER FUNCTION public.geometry_overlaps(geometry, geometry) LEAKPROOF;

-- These show the whole of a table, whatever its policies.
DO $$
DECLARE
    shown regprocedure;
BEGIN
    FOR shown IN
        SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
          AND p.proname IN ('st_estimatedextent', '_postgis_stats', '_postgis_selectivity', '_postgis_join_selectivity')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', shown);
    END LOOP;
END
$$;

-- The queue is installed after the first migrations: the loader, which takes loads out of it, comes to it here.
GRANT USAGE ON SCHEMA queue TO geosocle_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO geosocle_loader;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO geosocle_loader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA queue TO geosocle_loader;

-- The backup reads all that there is, the tables beside what is served and the queue too: a dump lacks nothing.
GRANT SELECT ON public.spatial_ref_sys TO geosocle_backup;
DO $$
DECLARE
    ours name;
BEGIN
    FOR ours IN
        SELECT nspname FROM pg_catalog.pg_namespace
        WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO geosocle_backup', ours);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO geosocle_backup', ours);
        EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO geosocle_backup', ours);
    END LOOP;
END
$$;
