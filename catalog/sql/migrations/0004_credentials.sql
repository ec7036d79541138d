-- By what a caller is known: tokens, sessions of people and machines that an OpenID provider vouches for, and jobs.

SET ROLE geosocle_owner;

CREATE TABLE access.tokens (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    organisation access.slug NOT NULL REFERENCES access.organisations CHECK (organisation <> 'public'),
    label text NOT NULL DEFAULT '',
    administrator boolean NOT NULL DEFAULT false,
    issued timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL,
    revoked timestamptz,
    last_use timestamptz
);
COMMENT ON TABLE access.tokens IS 'Jetons : seule l''empreinte SHA-256 est conservée';

-- An identity ties claims of an issuer to an organisation; a session is a verified credential, opened once and asked
-- for by its SHA-256 like a token.
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

GRANT SELECT, UPDATE (last_use) ON access.tokens, access.identities TO geosocle_rules;
GRANT SELECT, INSERT, DELETE, UPDATE (identity, expires) ON access.sessions TO geosocle_rules;
GRANT SELECT (id, sha256) ON access.tokens TO geosocle_register;
GRANT SELECT (sha256, identity) ON access.sessions TO geosocle_register;
GRANT SELECT ON access.tokens, access.identities, access.sessions TO geosocle_backup;

-- A job has a key of its own, with the rights of whoever asked for it: a token or an identity, and it dies with it; not
-- with the session, which ends in the evening.
-- `holds`: what the result holds, [{"dataset", "group", "communes"}]: at first what was asked, then what the file has.
-- `attempt`: the last one at it; an earlier one, held for dead, may no longer say anything of the job.
CREATE SCHEMA jobs;
GRANT USAGE ON SCHEMA jobs
    TO geosocle_rules, geosocle_jobs, geosocle_web, geosocle_worker, geosocle_register, geosocle_backup;
CREATE TABLE jobs.jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key text NOT NULL UNIQUE CHECK (length(key) >= 64),
    organisation access.slug NOT NULL REFERENCES access.organisations,
    token uuid REFERENCES access.tokens,
    identity uuid REFERENCES access.identities ON DELETE CASCADE,
    process text NOT NULL,
    inputs jsonb NOT NULL,
    holds jsonb NOT NULL CHECK (jsonb_typeof(holds) = 'array' AND holds <> '[]'),
    status text NOT NULL DEFAULT 'accepted' CHECK (status IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
    progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    message text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now(),
    started timestamptz,
    finished timestamptz,
    expires timestamptz NOT NULL DEFAULT now() + interval '7 days',
    attempt uuid,
    file text,
    media_type text,
    size bigint,
    CHECK (status <> 'successful' OR file IS NOT NULL),
    CHECK (num_nonnulls(token, identity) = 1)
);
CREATE INDEX ON jobs.jobs (organisation, created);
CREATE INDEX ON jobs.jobs (identity);
COMMENT ON TABLE jobs.jobs IS 'Traitements demandés ; chacun n''est connu que de l''organisation qui l''a demandé';
GRANT SELECT ON jobs.jobs TO geosocle_rules, geosocle_backup;
GRANT SELECT (id, key, token, identity, inputs) ON jobs.jobs TO geosocle_register;
GRANT SELECT, INSERT, UPDATE (status, finished) ON jobs.jobs TO geosocle_jobs;
GRANT SELECT, DELETE, UPDATE (status, progress, message, started, finished, file, media_type, size, holds, attempt)
    ON jobs.jobs TO geosocle_worker;
