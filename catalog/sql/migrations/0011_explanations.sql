-- What explanations are made of, and the same for the pages of administrators.

GRANT CREATE ON SCHEMA access TO geosocle_rules;
SET ROLE geosocle_rules;

-- All that decides about a dataset for an organisation: each version of an agreement that ever spoke of it, of its own
-- and of the public's, drafts, and how it may present itself. NULL for an organisation that does not exist. What is in
-- force comes from the tables that the policies read, not from the history. Days are Paris's.
CREATE FUNCTION access.facts(an_organisation text, a_dataset text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN (WITH known AS (
        SELECT v.agreement, v.version, v.organisation, v.first_day, v.last_day, v.since, v.until, v.rights
        FROM access.versions v WHERE v.organisation IN (an_organisation, 'public')
    ), spoken AS (
        SELECT a.id::text AS agreement, k.version, a.organisation::text, a.first_day, a.last_day, k.since,
               NULL::timestamptz AS until, false AS draft,
               r.attribute_group AS "group", r.usage::text AS usage, r.communes::text[] AS communes
        FROM access.agreements a JOIN access.rights r ON r.agreement = a.id
        LEFT JOIN known k ON k.agreement = a.id AND k.until IS NULL
        WHERE a.organisation IN (an_organisation, 'public') AND r.dataset = a_dataset
        UNION ALL
        SELECT k.agreement, k.version, k.organisation, k.first_day, k.last_day, k.since, k.until, false,
               r."group", r.usage, r.communes
        FROM known k
        CROSS JOIN LATERAL jsonb_to_recordset(k.rights) AS r (dataset text, "group" text, usage text, communes text[])
        WHERE k.until IS NOT NULL AND r.dataset = a_dataset
        UNION ALL
        SELECT d.id, NULL, d.organisation, (d.content ->> 'first_day')::date, (d.content ->> 'last_day')::date,
               d.created, NULL, true, r."group", u.usage, '{}'
        FROM access.drafts d
        CROSS JOIN LATERAL jsonb_to_recordset(d.content -> 'rights') AS r (dataset text, "group" text, usages jsonb)
        CROSS JOIN LATERAL jsonb_array_elements_text(r.usages) AS u (usage)
        WHERE d.organisation IN (an_organisation, 'public') AND r.dataset = a_dataset
    )
    SELECT jsonb_build_object(
        'today', access.today(),
        'grants', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'agreement', s.agreement, 'version', s.version, 'organisation', s.organisation, 'draft', s.draft,
                'first_day', s.first_day, 'last_day', s.last_day, 'group', s."group", 'usage', s.usage,
                'communes', s.communes, 'since', (s.since AT TIME ZONE 'Europe/Paris')::date,
                'until', ((s.until - interval '1 microsecond') AT TIME ZONE 'Europe/Paris')::date)
            ORDER BY s.organisation, s.agreement, s.version, s."group", s.usage), '[]') FROM spoken s),
        'credentials', jsonb_build_object(
            'good', (SELECT count(*) FROM access.tokens t WHERE t.organisation = o.id AND t.revoked IS NULL AND t.expires > now()),
            'revoked', (SELECT count(*) FROM access.tokens t WHERE t.organisation = o.id AND t.revoked IS NOT NULL),
            'expired', (SELECT count(*) FROM access.tokens t WHERE t.organisation = o.id AND t.revoked IS NULL AND t.expires <= now()),
            'identities', (SELECT count(*) FROM access.identities i WHERE i.organisation = o.id)))
    FROM access.organisations o WHERE o.id = an_organisation);
END
$$;

-- The commune of an object of a published table; NULL where either is not there.
CREATE FUNCTION access.commune_of(a_table text, an_id text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    found text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = to_regclass(a_table) AND p.polname = 'explication') THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT commune FROM %s WHERE id = $1 LIMIT 1', to_regclass(a_table)) INTO found USING an_id;
    RETURN found;
END
$$;

-- The same two, for the pages of administrators: nothing for anybody else.
CREATE FUNCTION access.explained(a_key text, an_organisation text, a_dataset text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF access.administers(a_key) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    RETURN access.facts(an_organisation, a_dataset);
END
$$;

CREATE FUNCTION access.explained_commune(a_key text, a_table text, an_id text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF access.administers(a_key) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    RETURN access.commune_of(a_table, an_id);
END
$$;

-- What an administrator may choose from in a form.
CREATE FUNCTION access.explained_organisations(a_key text) RETURNS TABLE (id text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT o.id::text, o.name FROM access.organisations o WHERE access.administers(a_key) ORDER BY o.name, o.id;
END;

GRANT EXECUTE ON FUNCTION access.facts(text, text), access.commune_of(text, text) TO geosocle_owner;
GRANT EXECUTE ON FUNCTION access.explained(text, text, text), access.explained_commune(text, text, text),
    access.explained_organisations(text) TO geosocle_web;

RESET ROLE;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
