-- What writes in the register and moves its counters, as the role `geosocle_register`; who logs in has three of these.
-- Nothing here but what can be run again.

GRANT CREATE ON SCHEMA registre TO geosocle_register;
SET ROLE geosocle_register;

-- What of a line is hashed, in one writing whatever the session's settings.
CREATE OR REPLACE FUNCTION registre.canonical(line registre.lines) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN jsonb_build_array(
        line.number, to_char(line.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), line.kind, line.organisation,
        line.bearer, line.usage, line.door, line.dataset, line.agreements, line.features, line.job, line.purged)::text;

CREATE OR REPLACE FUNCTION registre.hash(line registre.lines) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN sha256(line.previous || convert_to(registre.canonical(line), 'UTF8'));

-- Put a line at the end of the chain; its number, and its instant where it has none, are given here.
CREATE OR REPLACE FUNCTION registre.append(line registre.lines) RETURNS bigint
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
CREATE OR REPLACE FUNCTION registre.agreements_of(caller text, a_dataset text, a_usage text, groups text[], communes text[])
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

-- The identifier of the token or of the identity behind a key, also behind a job's.
CREATE OR REPLACE FUNCTION registre.token_of(a_key text) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce((SELECT t.id FROM access.tokens t WHERE t.sha256 = a_key),
                    (SELECT s.identity FROM access.sessions s WHERE s.sha256 = a_key),
                    (SELECT coalesce(j.token, j.identity) FROM jobs.jobs j WHERE j.key = a_key));
END;

-- Write down a read: which features, {commune: [id, …]}, of which groups. The caller is who its key says.
CREATE OR REPLACE FUNCTION registre.write(
    a_key text, a_kind text, a_usage text, a_door text, a_dataset text, groups text[], some_features jsonb, a_job uuid
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
    line.bearer := registre.token_of(a_key);
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
CREATE OR REPLACE FUNCTION registre.write_download(a_key text, a_door text, a_job uuid) RETURNS bigint
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
    line.bearer := registre.token_of(a_key);
    line.door := a_door;
    line.features := '{}';
    RETURN registre.append(line);
END
$$;

-- Take off what is older than the months that the law lets it be kept, 6 to 12, and write down where the chain now
-- begins. Lines go from the oldest on, so that a clock that jumped takes none out of the middle.
CREATE OR REPLACE FUNCTION registre.purge(months integer) RETURNS bigint
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

-- When the period of a measure began, and when it turns, by the clock of Paris.
CREATE OR REPLACE FUNCTION registre.period_of(a_measure text, instant timestamptz, OUT began timestamptz, OUT turns timestamptz)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    unit text := split_part(a_measure, '_', -1);
BEGIN
    began := date_trunc(unit, instant, 'Europe/Paris');
    turns := ((began AT TIME ZONE 'Europe/Paris') + ('1 ' || unit)::interval) AT TIME ZONE 'Europe/Paris';
END
$$;

-- Take what is wanted from the quotas of all the caller's agreements that give a dataset for a usage, as far as each
-- goes; bytes whole or not at all. `unused` gives back {agreement: amount} of what was taken in `a_period`. A row an
-- agreement, with what it gives; `granted` is NULL for one without this quota. Requests are free where one gives the
-- dataset without. A job stands for the dataset that it holds.
-- A crash of the server forgets the last half second: nobody waits for the disk.
CREATE OR REPLACE FUNCTION registre.charge(
    a_key text, a_measure text, a_dataset text, a_usage text, a_job uuid, wanted bigint, unused jsonb, a_period timestamptz
) RETURNS TABLE (agreement text, granted bigint, remaining bigint, rights jsonb, period timestamptz, seconds integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    caller text := access.organisation_of(a_key);
    asked text := coalesce(a_dataset, (SELECT j.inputs ->> 'dataset' FROM jobs.jobs j WHERE j.id = a_job));
    covering record;
    here record;
    before bigint;
    back bigint;
BEGIN
    IF caller IS NULL OR wanted < 0 THEN
        RAISE EXCEPTION 'refused';
    END IF;
    SET LOCAL synchronous_commit = off;
    FOR covering IN
        SELECT given.*, bool_or(given.quota IS NULL AND given.rights ? 'base') OVER () AS free
        FROM (
            SELECT a.id, jsonb_object_agg(r.attribute_group, r.communes) AS rights,
                   CASE a_measure WHEN 'features_day' THEN a.quota_features_day
                                  WHEN 'export_bytes_month' THEN a.quota_export_bytes_month
                                  WHEN 'requests_minute' THEN a.quota_requests_minute END AS quota
            FROM access.agreements a JOIN access.rights r ON r.agreement = a.id
            WHERE a.organisation IN (caller, 'public') AND access.today() BETWEEN a.first_day AND a.last_day
              AND r.dataset = asked AND r.usage = a_usage
            GROUP BY a.id
        ) AS given
        ORDER BY given.id  -- all lock the counters in one order
    LOOP
        agreement := covering.id;
        rights := covering.rights;
        granted := NULL;
        remaining := NULL;
        IF covering.quota IS NOT NULL AND NOT (a_measure = 'requests_minute' AND covering.free) THEN
            INSERT INTO registre.counters VALUES (covering.id, a_measure, '-infinity', 0) ON CONFLICT DO NOTHING;
            PERFORM FROM registre.counters c WHERE c.agreement = covering.id AND c.measure = a_measure FOR UPDATE;
            SELECT * INTO here FROM registre.period_of(a_measure, clock_timestamp());
            SELECT CASE WHEN c.period = here.began THEN c.used ELSE 0 END INTO before
            FROM registre.counters c WHERE c.agreement = covering.id AND c.measure = a_measure;
            back := CASE WHEN a_period = here.began THEN coalesce((unused ->> covering.id)::bigint, 0) ELSE 0 END;
            remaining := greatest(covering.quota - before, 0);
            granted := CASE WHEN a_measure = 'export_bytes_month' AND wanted > remaining THEN 0
                            ELSE least(wanted, remaining) END;
            remaining := remaining - granted;
            period := here.began;
            seconds := ceil(extract(epoch FROM here.turns - clock_timestamp()));
            IF granted > 0 OR back > 0 THEN
                UPDATE registre.counters c SET period = here.began, used = greatest(before + granted - back, 0)
                WHERE c.agreement = covering.id AND c.measure = a_measure;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION registre.write(text, text, text, text, text, text[], jsonb, uuid),
    registre.write_download(text, text, uuid),
    registre.charge(text, text, text, text, uuid, bigint, jsonb, timestamptz) TO geosocle_audit;

RESET ROLE;
REVOKE CREATE ON SCHEMA registre FROM geosocle_register;
