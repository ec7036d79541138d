-- Jobs: who may ask for one, and who may know of it. The queue itself is procrastinate's, in the schema `queue`
-- that catalog/migrate.py installs.

GRANT CREATE ON SCHEMA jobs TO geosocle_rules, geosocle_jobs;
SET ROLE geosocle_rules;

-- Whether the organisation behind a key still has all that a result holds, for the usage `file`. A job's key dies
-- with its token and with the job's own last day.
CREATE FUNCTION jobs.gives(a_key text, what jsonb) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    caller text := access.organisation_of(a_key);
BEGIN
    RETURN caller IS NOT NULL AND caller <> 'public' AND what <> '[]' AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(what) AS held (dataset text, "group" text, communes text[])
        WHERE (held.communes <@ ARRAY(
            SELECT unnest(r.communes)::text
            FROM access.rights r JOIN access.agreements a ON a.id = r.agreement
            WHERE a.organisation IN (caller, 'public')
              AND access.today() BETWEEN a.first_day AND a.last_day
              AND r.dataset = held.dataset AND r.attribute_group = held."group" AND r.usage = 'file')) IS NOT TRUE);
END
$$;
GRANT EXECUTE ON FUNCTION jobs.gives(text, jsonb) TO geosocle_jobs, geosocle_worker;

-- A job is known to the organisation that asked for it, as long as that organisation has what the job holds: one
-- policy for the list, the page, the file and the dismissal. Keys are resolved by `rules`, which therefore sees all.
SET ROLE geosocle_owner;
ALTER TABLE jobs.jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY resolution ON jobs.jobs FOR SELECT TO geosocle_rules USING (true);
CREATE POLICY demandeur ON jobs.jobs TO geosocle_jobs
    USING (organisation = access.organisation_of(current_setting('app.key', true)) AND jobs.gives(key, holds))
    WITH CHECK (organisation = access.organisation_of(current_setting('app.key', true)));
CREATE POLICY traitement ON jobs.jobs TO geosocle_worker USING (true) WITH CHECK (true);
CREATE POLICY registre ON jobs.jobs FOR SELECT TO geosocle_register USING (true);

SET ROLE geosocle_jobs;

-- What its owner is told of a job: neither key nor token.
CREATE TYPE jobs.description AS (
    id uuid, process text, status text, progress smallint, message text,
    created timestamptz, started timestamptz, finished timestamptz, expires timestamptz,
    file text, media_type text, size bigint
);

-- Ask for a job, as the caller of this transaction; NULL for a caller that may not. The queue learns its number alone.
CREATE FUNCTION jobs.defer(a_process text, some_inputs jsonb, what jsonb) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, queue, pg_temp AS
$$
DECLARE
    a_key text := current_setting('app.key', true);
    caller record;
    signed_in uuid;
    job uuid := gen_random_uuid();
    secret text := encode(sha256(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid())::bytea), 'hex');
BEGIN
    SELECT a.organisation, a.token INTO caller FROM access.authenticate(a_key) a;
    SELECT i.identity INTO signed_in FROM access.identity_of(a_key) i;
    IF num_nonnulls(caller.token, signed_in) <> 1 OR NOT jobs.gives(a_key, what) THEN
        RETURN NULL;
    END IF;
    INSERT INTO jobs.jobs (id, key, organisation, token, identity, process, inputs, holds)
    VALUES (job, secret, caller.organisation, caller.token, signed_in, a_process, some_inputs, what);
    PERFORM procrastinate_defer_jobs_v1(ARRAY[
        ROW('jobs', 'geosocle:run', 0, job, NULL, jsonb_build_object('job', job), NULL)::procrastinate_job_to_defer_v1]);
    RETURN job;
END
$$;

-- How many of the caller's jobs wait or run.
CREATE FUNCTION jobs.pending() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN (SELECT count(*) FROM jobs.jobs WHERE status IN ('accepted', 'running'));

-- One job of the caller's, or no row.
CREATE FUNCTION jobs.get(job uuid) RETURNS SETOF jobs.description
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT j.id, j.process, j.status, j.progress, j.message, j.created, j.started, j.finished, j.expires,
           j.file, j.media_type, j.size
    FROM jobs.jobs j WHERE j.id = job;
END;

-- A page of the caller's jobs, newest first.
CREATE FUNCTION jobs.list(a_limit integer, an_offset integer) RETURNS SETOF jobs.description
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT j.id, j.process, j.status, j.progress, j.message, j.created, j.started, j.finished, j.expires,
           j.file, j.media_type, j.size
    FROM jobs.jobs j ORDER BY j.created DESC, j.id LIMIT a_limit OFFSET an_offset;
END;

-- Give a job of the caller's up: a running one stops at its next step, the file of a finished one is no longer served.
CREATE FUNCTION jobs.dismiss(job uuid) RETURNS SETOF jobs.description
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    UPDATE jobs.jobs SET status = 'dismissed', finished = coalesce(finished, now()) WHERE id = job;
    RETURN QUERY SELECT * FROM jobs.get(job);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA jobs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.defer(text, jsonb, jsonb), jobs.pending(), jobs.get(uuid), jobs.list(integer, integer),
    jobs.dismiss(uuid) TO geosocle_web;

RESET ROLE;
REVOKE CREATE ON SCHEMA jobs FROM geosocle_rules, geosocle_jobs;
