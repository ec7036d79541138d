-- Who else may ask: people and machines that an OpenID provider vouches for. An identity ties claims of an issuer to an
-- organisation; a session is a verified credential, opened once and asked for by its SHA-256 like a token.

SET ROLE geosocle_owner;

CREATE TABLE access.identities (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    issuer text NOT NULL CHECK (issuer <> ''),
    claims jsonb NOT NULL CHECK (jsonb_typeof(claims) = 'object' AND claims <> '{}'),
    organisation access.slug NOT NULL REFERENCES access.organisations CHECK (organisation <> 'public'),
    label text NOT NULL DEFAULT '',
    administrator boolean NOT NULL DEFAULT false,
    added timestamptz NOT NULL DEFAULT now(),
    last_use timestamptz,
    UNIQUE (issuer, claims, organisation)
);
COMMENT ON TABLE access.identities IS 'Identités : ce qu''un fournisseur atteste d''une personne ou d''une machine, et l''organisation à laquelle cela la rattache';

CREATE TABLE access.sessions (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    identity uuid NOT NULL REFERENCES access.identities ON DELETE CASCADE,
    opened timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL
);
CREATE INDEX ON access.sessions (identity);
CREATE INDEX ON access.sessions (expires);
COMMENT ON TABLE access.sessions IS 'Sessions ouvertes, connues par l''empreinte SHA-256 de leur cookie ou de leur jeton JWT';

-- A job is asked for with a token or by an identity, and dies with it: not with the session, which ends in the evening.
ALTER TABLE jobs.jobs ALTER COLUMN token DROP NOT NULL;
ALTER TABLE jobs.jobs ADD COLUMN identity uuid REFERENCES access.identities ON DELETE CASCADE;
ALTER TABLE jobs.jobs ADD CHECK (num_nonnulls(token, identity) = 1);
CREATE INDEX ON jobs.jobs (identity);

GRANT SELECT, UPDATE (last_use) ON access.identities TO geosocle_rules;
GRANT SELECT, INSERT, DELETE, UPDATE (identity, expires) ON access.sessions TO geosocle_rules;
GRANT SELECT ON access.identities, access.sessions TO geosocle_backup;
GRANT CREATE ON SCHEMA access TO geosocle_rules;
GRANT CREATE ON SCHEMA jobs TO geosocle_jobs;
RESET ROLE;

SET ROLE geosocle_rules;

-- The organisation behind a key: nobody's word `public`, the SHA-256 of a token or of a session, a job's key; NULL for
-- any other. What is unknown, revoked and expired takes the same way to the end.
CREATE OR REPLACE FUNCTION access.organisation_of(a_key text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    found text;
BEGIN
    IF a_key = 'public' THEN
        RETURN 'public';
    END IF;
    SELECT t.organisation INTO found FROM access.tokens t
    WHERE t.sha256 = a_key AND t.revoked IS NULL AND t.expires > now();
    IF found IS NULL THEN
        SELECT i.organisation INTO found FROM access.sessions s JOIN access.identities i ON i.id = s.identity
        WHERE s.sha256 = a_key AND s.expires > now();
    END IF;
    IF found IS NULL THEN
        SELECT j.organisation INTO found
        FROM jobs.jobs j
        LEFT JOIN access.tokens t ON t.id = j.token AND t.organisation = j.organisation
                                 AND t.revoked IS NULL AND t.expires > now()
        LEFT JOIN access.identities i ON i.id = j.identity AND i.organisation = j.organisation
        WHERE j.key = a_key AND j.expires > now() AND coalesce(t.id, i.id) IS NOT NULL;
    END IF;
    RETURN found;
END
$$;

-- The identity behind a session's key, and its flag; no row for any other key.
CREATE FUNCTION access.identity_of(a_key text) RETURNS TABLE (identity uuid, administrator boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN QUERY
    SELECT i.id, i.administrator FROM access.sessions s JOIN access.identities i ON i.id = s.identity
    WHERE s.sha256 = a_key AND s.expires > now();
END
$$;

-- Open a session for what a provider attests, once the caller has verified it; false, and nothing opened, where no
-- identity answers to the claims, or several of different organisations. A claim that is a list holds what it lists.
-- An e-mail address counts only where the provider says that it has verified it.
CREATE FUNCTION access.open_session(a_key text, an_issuer text, some_claims jsonb, an_end timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    found uuid[];
    organisations bigint;
BEGIN
    SELECT array_agg(i.id ORDER BY i.administrator DESC, i.added), count(DISTINCT i.organisation)
    INTO found, organisations
    FROM access.identities i
    WHERE i.issuer = an_issuer
      AND NOT EXISTS (SELECT FROM jsonb_each(i.claims) AS wanted
                      WHERE (some_claims -> wanted.key @> wanted.value) IS NOT TRUE)
      AND (NOT i.claims ? 'email' OR some_claims -> 'email_verified' = 'true');
    IF organisations <> 1 OR an_end <= now() THEN
        RETURN false;
    END IF;
    DELETE FROM access.sessions WHERE expires <= now();
    INSERT INTO access.sessions (sha256, identity, expires)
    VALUES (a_key, found[1], least(an_end, now() + interval '12 hours'))
    ON CONFLICT (sha256) DO UPDATE SET identity = excluded.identity, expires = excluded.expires;
    UPDATE access.identities SET last_use = now() WHERE id = found[1];
    RETURN true;
END
$$;

-- Close a session: its cookie is worth nothing any more.
CREATE FUNCTION access.close_session(a_key text) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    DELETE FROM access.sessions WHERE sha256 = a_key;
END;

REVOKE ALL ON FUNCTION access.identity_of(text), access.open_session(text, text, jsonb, timestamptz),
    access.close_session(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.identity_of(text), access.open_session(text, text, jsonb, timestamptz),
    access.close_session(text) TO geosocle_web;
GRANT EXECUTE ON FUNCTION access.identity_of(text) TO geosocle_worker, geosocle_jobs;
RESET ROLE;

SET ROLE geosocle_jobs;

-- Ask for a job, as the caller of this transaction; NULL for a caller that may not. The queue learns its number alone.
CREATE OR REPLACE FUNCTION jobs.defer(a_process text, some_inputs jsonb, what jsonb) RETURNS uuid
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
RESET ROLE;

SET ROLE geosocle_owner;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
REVOKE CREATE ON SCHEMA jobs FROM geosocle_jobs;
RESET ROLE;
