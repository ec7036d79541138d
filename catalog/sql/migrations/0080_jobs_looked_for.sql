-- A job is looked for among its asker's own: another's was found by its number, then judged, at the price of resolving
-- the caller's key once more; now it takes the steps of one that never was. BETWEEN, not =, so that the index of numbers
-- alone, which would find that job, is not chosen; nor is the whole table read while it is small.

SET ROLE geosocle_owner;
GRANT CREATE ON SCHEMA jobs TO geosocle_jobs;
CREATE INDEX ON jobs.jobs (organisation, id);
RESET ROLE;

SET ROLE geosocle_jobs;
CREATE OR REPLACE FUNCTION jobs.get(job uuid) RETURNS SETOF jobs.description
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS
$$
DECLARE
    caller text := access.organisation_of(current_setting('app.key', true));
BEGIN
    RETURN QUERY
    SELECT j.id, j.process, j.status, j.progress, j.message, j.created, j.started, j.finished, j.expires,
           j.file, j.media_type, j.size
    FROM jobs.jobs j WHERE j.organisation = caller AND j.id BETWEEN job AND job;
END
$$;

CREATE OR REPLACE FUNCTION jobs.dismiss(job uuid) RETURNS SETOF jobs.description
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS
$$
DECLARE
    caller text := access.organisation_of(current_setting('app.key', true));
BEGIN
    UPDATE jobs.jobs j SET status = 'dismissed', finished = coalesce(j.finished, now())
    WHERE j.organisation = caller AND j.id BETWEEN job AND job;
    RETURN QUERY SELECT * FROM jobs.get(job);
END
$$;

-- How many of the caller's jobs wait or run, told to one asker of an organisation at a time (0076); others' are not read.
CREATE OR REPLACE FUNCTION jobs.pending() RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS
$$
DECLARE
    caller text := access.organisation_of(current_setting('app.key', true));
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('jobs.pending ' || caller, 0));
    RETURN (SELECT count(*) FROM jobs.jobs j WHERE j.organisation = caller AND j.status IN ('accepted', 'running'));
END
$$;
RESET ROLE;

SET ROLE geosocle_owner;
REVOKE CREATE ON SCHEMA jobs FROM geosocle_jobs;
RESET ROLE;
