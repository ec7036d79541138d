-- From a key to rights, as the role `geosocle_rules`, which alone reads keys and rights: who a caller is, and of which
-- communes it may see what. Every door asks here.

GRANT CREATE ON SCHEMA access TO geosocle_rules;
SET ROLE geosocle_rules;

CREATE FUNCTION access.today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    RETURN (now() AT TIME ZONE 'Europe/Paris')::date;

-- The organisation behind a key: nobody's word `public`, the SHA-256 of a token or of a session, a job's key; NULL for
-- any other. What is unknown, revoked and expired takes the same way to the end.
CREATE FUNCTION access.organisation_of(a_key text) RETURNS text
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

-- Who a key is, and the groups and usages it has: {dataset: {group: [usage, …]}}. No row for a bad credential.
-- The last use of a token is written at most once an hour.
CREATE FUNCTION access.authenticate(a_key text)
    RETURNS TABLE (organisation text, name text, token uuid, administrator boolean, profile jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    caller text := access.organisation_of(a_key);
    card record;
BEGIN
    IF caller IS NULL THEN
        RETURN;
    END IF;
    SELECT t.id, t.administrator, t.last_use INTO card FROM access.tokens t WHERE t.sha256 = a_key;
    IF card.id IS NOT NULL AND (card.last_use IS NULL OR card.last_use < now() - interval '1 hour') THEN
        UPDATE access.tokens SET last_use = now() WHERE id = card.id;
    END IF;
    RETURN QUERY
    WITH granted AS (
        SELECT DISTINCT r.dataset, r.attribute_group, r.usage::text AS usage
        FROM access.rights r JOIN access.agreements a ON a.id = r.agreement
        WHERE a.organisation IN (caller, 'public') AND access.today() BETWEEN a.first_day AND a.last_day
    ), grouped AS (
        SELECT dataset, attribute_group, jsonb_agg(usage ORDER BY usage) AS usages FROM granted GROUP BY 1, 2
    ), by_dataset AS (
        SELECT dataset, jsonb_object_agg(attribute_group, usages) AS groups FROM grouped GROUP BY 1
    )
    SELECT caller, (SELECT o.name FROM access.organisations o WHERE o.id = caller),
           card.id, coalesce(card.administrator, false), coalesce(jsonb_object_agg(dataset, groups), '{}'::jsonb)
    FROM by_dataset;
END
$$;

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

-- The key of an administrator, as it stands on a token or an identity that is good now.
CREATE FUNCTION access.administers(a_key text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN EXISTS (SELECT FROM access.tokens t
                   WHERE t.sha256 = a_key AND t.administrator AND t.revoked IS NULL AND t.expires > now())
        OR EXISTS (SELECT FROM access.identity_of(a_key) i WHERE i.administrator);
END
$$;

GRANT EXECUTE ON FUNCTION access.today()
    TO geosocle_owner, geosocle_reader, geosocle_web, geosocle_worker, geosocle_register;
GRANT EXECUTE ON FUNCTION access.organisation_of(text) TO geosocle_jobs, geosocle_register;
GRANT EXECUTE ON FUNCTION access.identity_of(text) TO geosocle_web, geosocle_worker, geosocle_jobs;
GRANT EXECUTE ON FUNCTION access.open_session(text, text, jsonb, timestamptz), access.close_session(text) TO geosocle_web;
GRANT EXECUTE ON FUNCTION access.authenticate(text) TO geosocle_web, geosocle_worker, geosocle_jobs;
GRANT EXECUTE ON FUNCTION access.quotas_of(text) TO geosocle_web, geosocle_worker;

RESET ROLE;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
