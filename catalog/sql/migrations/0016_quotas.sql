-- What agreements' quotas have let through: one counter an agreement and measure, which begins anew when its period,
-- minute, day or month of Paris, turns. A counter is moved by one function, executed by `geosocle_audit`.

SET ROLE geosocle_owner;

CREATE TABLE registre.counters (
    agreement access.slug NOT NULL REFERENCES access.agreements ON DELETE CASCADE,
    measure text NOT NULL CHECK (measure IN ('features_day', 'export_bytes_month', 'requests_minute')),
    period timestamptz NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (agreement, measure)
) WITH (fillfactor = 50);  -- one row is written over and over: room beside it spares the index
COMMENT ON TABLE registre.counters IS 'Ce que chaque convention a déjà donné de ses quotas, dans la minute, le jour ou le mois dit par period';

GRANT SELECT, INSERT, UPDATE ON registre.counters TO geosocle_register;
GRANT SELECT ON registre.counters TO geosocle_backup;
GRANT SELECT (id, inputs) ON jobs.jobs TO geosocle_register;
GRANT CREATE ON SCHEMA access TO geosocle_rules;
GRANT CREATE ON SCHEMA registre TO geosocle_register;
RESET ROLE;

SET ROLE geosocle_rules;

-- What of a caller's is under a quota: [[dataset, usage, measure], …], empty for most. Asked with who it is.
CREATE FUNCTION access.quotas_of(a_key text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    caller text := access.organisation_of(a_key);
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(r.dataset, r.usage, m.measure)), '[]')
        FROM access.agreements a
        CROSS JOIN LATERAL (VALUES ('features_day', a.quota_features_day), ('requests_minute', a.quota_requests_minute),
                                   ('export_bytes_month', a.quota_export_bytes_month)) AS m (measure, quota)
        JOIN access.rights r ON r.agreement = a.id
        WHERE a.organisation IN (caller, 'public') AND access.today() BETWEEN a.first_day AND a.last_day
          AND m.quota IS NOT NULL
    );
END
$$;
REVOKE ALL ON FUNCTION access.quotas_of(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.quotas_of(text) TO geosocle_web, geosocle_worker;
RESET ROLE;

SET ROLE geosocle_register;

-- When the period of a measure began, and when it turns, by the clock of Paris.
CREATE FUNCTION registre.period_of(a_measure text, instant timestamptz, OUT began timestamptz, OUT turns timestamptz)
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
CREATE FUNCTION registre.charge(
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

REVOKE ALL ON FUNCTION registre.period_of(text, timestamptz),
    registre.charge(text, text, text, text, uuid, bigint, jsonb, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registre.charge(text, text, text, text, uuid, bigint, jsonb, timestamptz) TO geosocle_audit;
RESET ROLE;

SET ROLE geosocle_owner;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
REVOKE CREATE ON SCHEMA registre FROM geosocle_register;
RESET ROLE;
