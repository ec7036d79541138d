-- The register of reads: one line a read of an audited dataset, each line bound to the one before by its hash.
-- Whoever logs in can only add a line, by a function; what was written is changed by nobody, and purged by a function
-- that itself leaves a line.

SET ROLE geosocle_owner;
CREATE SCHEMA registre;

CREATE TABLE registre.lines (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('read', 'count', 'download', 'purge')),
    organisation text,
    bearer uuid,
    usage text,
    door text,
    dataset text,
    agreements jsonb NOT NULL DEFAULT '[]',
    features jsonb NOT NULL DEFAULT '{}',
    job uuid,
    purged jsonb,
    previous bytea NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX ON registre.lines (at);
CREATE INDEX ON registre.lines (job) WHERE job IS NOT NULL;
COMMENT ON TABLE registre.lines IS 'Registre des lectures : qui, quand, par quelle convention, quels objets ; chaîné';
COMMENT ON COLUMN registre.lines.bearer IS 'Identifiant du jeton ou de la session, jamais ce qui permet d''entrer';
COMMENT ON COLUMN registre.lines.agreements IS '[{agreement, purpose, groups: {groupe: [communes]}}]';
COMMENT ON COLUMN registre.lines.features IS '{commune: [identifiants]}';

-- The end of the chain: who takes lines off it would have to change this too. Its lock puts the lines in their order.
CREATE TABLE registre.head (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    number bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO registre.head (number, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
COMMENT ON TABLE registre.head IS 'Dernière ligne du registre';

GRANT USAGE, CREATE ON SCHEMA registre TO geosocle_register;
GRANT USAGE ON SCHEMA registre TO geosocle_audit, geosocle_backup;
GRANT SELECT, INSERT, DELETE ON registre.lines TO geosocle_register;
GRANT SELECT, UPDATE ON registre.head TO geosocle_register;
GRANT SELECT ON registre.lines, registre.head TO geosocle_backup;
GRANT USAGE ON SCHEMA access, jobs TO geosocle_register;
GRANT SELECT ON access.agreements, access.rights TO geosocle_register;
GRANT SELECT (id, sha256) ON access.tokens TO geosocle_register;
GRANT SELECT (key, token) ON jobs.jobs TO geosocle_register;
CREATE POLICY registre ON jobs.jobs FOR SELECT TO geosocle_register USING (true);
RESET ROLE;

SET ROLE geosocle_rules;
GRANT EXECUTE ON FUNCTION access.organisation_of(text), access.today() TO geosocle_register;
RESET ROLE;

ALTER DEFAULT PRIVILEGES FOR ROLE geosocle_register REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER ROLE geosocle_audit SET statement_timeout = '5s';
ALTER ROLE geosocle_audit SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE geosocle_audit SET jit = off;

SET ROLE geosocle_register;

-- What of a line is hashed, in one writing whatever the session's settings.
CREATE FUNCTION registre.canonical(line registre.lines) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN jsonb_build_array(
        line.number, to_char(line.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), line.kind, line.organisation,
        line.bearer, line.usage, line.door, line.dataset, line.agreements, line.features, line.job, line.purged)::text;

CREATE FUNCTION registre.hash(line registre.lines) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN sha256(line.previous || convert_to(registre.canonical(line), 'UTF8'));

-- Put a line at the end of the chain; its number, and its instant where it has none, are given here.
CREATE FUNCTION registre.append(line registre.lines) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    head registre.head;
BEGIN
    SELECT * INTO STRICT head FROM registre.head FOR UPDATE;
    line.number := head.number + 1;
    line.at := coalesce(line.at, clock_timestamp());
    line.agreements := coalesce(line.agreements, '[]');
    line.features := coalesce(line.features, '{}');
    line.previous := head.hash;
    line.hash := registre.hash(line);
    INSERT INTO registre.lines SELECT line.*;
    UPDATE registre.head SET number = line.number, hash = line.hash;
    RETURN line.number;
END
$$;

-- The agreements by which a caller has groups of a dataset for a usage today, each with the groups and communes of
-- the read that it covers; where no feature is named, all that give the dataset.
CREATE FUNCTION registre.agreements_of(caller text, a_dataset text, a_usage text, groups text[], communes text[])
    RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(jsonb_agg(jsonb_build_object('agreement', id, 'purpose', purpose, 'groups', given) ORDER BY id), '[]')
    FROM (
        SELECT a.id, a.purpose, jsonb_object_agg(r.attribute_group, covered.communes) AS given
        FROM access.agreements a JOIN access.rights r ON r.agreement = a.id
        CROSS JOIN LATERAL (
            SELECT ARRAY(SELECT unnest(r.communes)::text INTERSECT SELECT unnest(agreements_of.communes) ORDER BY 1)
        ) AS covered (communes)
        WHERE a.organisation IN (caller, 'public') AND access.today() BETWEEN a.first_day AND a.last_day
          AND r.dataset = a_dataset AND r.usage = a_usage AND r.attribute_group = ANY (groups)
          AND (agreements_of.communes = '{}' OR covered.communes <> '{}')
        GROUP BY a.id, a.purpose
    ) AS running;
END;

-- The identifier of the token behind a key, also behind a job's.
CREATE FUNCTION registre.token_of(a_key text) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce((SELECT t.id FROM access.tokens t WHERE t.sha256 = a_key),
                    (SELECT j.token FROM jobs.jobs j WHERE j.key = a_key));
END;

-- Write down a read: which features, {commune: [id, …]}, of which groups. The caller is who its key says.
CREATE FUNCTION registre.write(
    a_key text, a_bearer uuid, a_kind text, a_usage text, a_door text, a_dataset text, groups text[], some_features jsonb,
    a_job uuid
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    line registre.lines;
BEGIN
    line.organisation := access.organisation_of(a_key);
    IF line.organisation IS NULL OR a_kind NOT IN ('read', 'count') THEN
        RAISE EXCEPTION 'refused';
    END IF;
    line.kind := a_kind;
    line.bearer := coalesce(registre.token_of(a_key), a_bearer);
    line.usage := a_usage;
    line.door := a_door;
    line.dataset := a_dataset;
    line.agreements := registre.agreements_of(line.organisation, a_dataset, a_usage, groups,
                                              ARRAY(SELECT jsonb_object_keys(some_features)));
    line.features := some_features;
    line.job := a_job;
    RETURN registre.append(line);
END
$$;

-- Write down that the file of a job is handed over, if what it holds was written down; its features are that line's.
CREATE FUNCTION registre.write_download(a_key text, a_bearer uuid, a_door text, a_job uuid) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    line registre.lines;
BEGIN
    SELECT * INTO line FROM registre.lines l WHERE l.job = a_job AND l.kind = 'read' ORDER BY l.number DESC LIMIT 1;
    IF line.number IS NULL THEN
        RETURN NULL;
    END IF;
    line.organisation := access.organisation_of(a_key);
    IF line.organisation IS NULL THEN
        RAISE EXCEPTION 'refused';
    END IF;
    line.at := NULL;
    line.kind := 'download';
    line.bearer := coalesce(registre.token_of(a_key), a_bearer);
    line.door := a_door;
    line.features := '{}';
    RETURN registre.append(line);
END
$$;

-- Take off what is older than the months that the law lets it be kept, 6 to 12, and write down where the chain now
-- begins. Lines go from the oldest on, so that a clock that jumped takes none out of the middle.
CREATE FUNCTION registre.purge(months integer) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    line registre.lines;
    oldest timestamptz := now() - make_interval(months => months);
    kept bigint;
    gone bigint;
BEGIN
    IF months IS NULL OR months NOT BETWEEN 6 AND 12 THEN
        RAISE EXCEPTION 'between 6 and 12 months';
    END IF;
    PERFORM FROM registre.head FOR UPDATE;
    SELECT min(l.number) INTO kept FROM registre.lines l WHERE l.at >= oldest;
    SELECT * INTO line FROM registre.lines l WHERE kept IS NULL OR l.number < kept ORDER BY l.number DESC LIMIT 1;
    IF line.number IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM registre.lines l WHERE l.number <= line.number;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM registre.append(ROW(NULL, NULL, 'purge', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        jsonb_build_object('last', line.number, 'hash', encode(line.hash, 'hex'), 'lines', gone), NULL, NULL)::registre.lines);
    RETURN gone;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registre FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registre.write(text, uuid, text, text, text, text, text[], jsonb, uuid),
    registre.write_download(text, uuid, text, uuid) TO geosocle_audit;
RESET ROLE;
REVOKE CREATE ON SCHEMA registre FROM geosocle_register;
