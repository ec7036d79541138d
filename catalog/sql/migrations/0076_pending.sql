-- How many of the caller's jobs wait or run, told to one asker of an organisation at a time: those who ask side by side
-- would all be told of the same few, and the queue hold many more than it should.

SET ROLE geosocle_owner;
GRANT CREATE ON SCHEMA jobs TO geosocle_jobs;
RESET ROLE;

SET ROLE geosocle_jobs;
CREATE OR REPLACE FUNCTION jobs.pending() RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(
        'jobs.pending ' || access.organisation_of(current_setting('app.key', true)), 0));
    RETURN (SELECT count(*) FROM jobs.jobs WHERE status IN ('accepted', 'running'));
END
$$;
RESET ROLE;

SET ROLE geosocle_owner;
REVOKE CREATE ON SCHEMA jobs FROM geosocle_jobs;
RESET ROLE;
