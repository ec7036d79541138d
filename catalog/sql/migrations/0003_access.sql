-- Organisations, agreements, rights and tokens; the functions that resolve a key into rights.
-- A right is a tuple (dataset, attribute group, commune, usage) for the days of its agreement. A row keeps the
-- communes of one (agreement, dataset, group, usage) together: rights still unite tuple by tuple, since the union is
-- always taken within one dataset, group and usage. 250 communes are one row instead of 250 to sum up at each request.

SET ROLE geosocle_owner;
CREATE SCHEMA access;

CREATE DOMAIN access.code_insee AS text CHECK (VALUE ~ '^([013-9]\d|2[AB1-9])\d{3}$');
CREATE DOMAIN access.usage AS text CHECK (VALUE IN ('image', 'tile', 'feature', 'file'));
CREATE DOMAIN access.slug AS text CHECK (VALUE ~ '^[a-z0-9][a-z0-9_-]{0,62}$');

CREATE TABLE access.organisations (
    id access.slug PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('commune', 'epci', 'syndicat', 'exploitant', 'etat', 'entreprise', 'association', 'public')),
    communes access.code_insee[] NOT NULL DEFAULT '{}',
    created timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE access.organisations IS 'Membres : qui a des droits, et son territoire';

CREATE TABLE access.agreements (
    id access.slug PRIMARY KEY,
    organisation access.slug NOT NULL REFERENCES access.organisations,
    purpose text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    created timestamptz NOT NULL DEFAULT now(),
    CHECK (last_day >= first_day - 1)
);
CREATE INDEX ON access.agreements (organisation);
COMMENT ON TABLE access.agreements IS 'Conventions : seule source de droits ; jours inclus, heure de Paris';

CREATE TABLE access.rights (
    agreement access.slug NOT NULL REFERENCES access.agreements ON DELETE CASCADE,
    dataset text NOT NULL,
    attribute_group text NOT NULL,
    usage access.usage NOT NULL,
    communes access.code_insee[] NOT NULL CHECK (cardinality(communes) > 0 AND array_position(communes, NULL) IS NULL),
    PRIMARY KEY (agreement, dataset, attribute_group, usage)
);
COMMENT ON TABLE access.rights IS 'Droits : jeu de données × groupe d''attributs × usage, sur des communes';

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

CREATE TABLE access.statistics (
    dataset text NOT NULL,
    commune text NOT NULL,
    objects bigint NOT NULL,
    extent public.geometry(Polygon, 2154),
    edition date,
    PRIMARY KEY (dataset, commune)
);
COMMENT ON TABLE access.statistics IS 'Nombre, étendue et édition des objets par commune, tenus au chargement';

INSERT INTO access.organisations (id, name, kind) VALUES ('public', 'Tout le monde', 'public');

GRANT USAGE, CREATE ON SCHEMA access TO geosocle_rules;
GRANT USAGE ON SCHEMA access TO geosocle_reader, geosocle_web, geosocle_worker, geosocle_loader, geosocle_backup;
GRANT SELECT ON access.organisations, access.agreements, access.rights, access.statistics TO geosocle_rules;
GRANT SELECT, UPDATE (last_use) ON access.tokens TO geosocle_rules;
GRANT SELECT, INSERT, UPDATE, DELETE ON access.statistics TO geosocle_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA access TO geosocle_backup;
RESET ROLE;

-- Jobs borrow the rights of the token that asked for them: the table stands here since rights are resolved through it.
SET ROLE geosocle_owner;
CREATE SCHEMA jobs;
CREATE TABLE jobs.jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key text NOT NULL UNIQUE CHECK (length(key) >= 64),
    organisation access.slug NOT NULL REFERENCES access.organisations,
    token uuid NOT NULL REFERENCES access.tokens,
    process text NOT NULL,
    inputs jsonb NOT NULL,
    status text NOT NULL DEFAULT 'accepted' CHECK (status IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
    progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    message text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now(),
    started timestamptz,
    finished timestamptz,
    expires timestamptz NOT NULL DEFAULT now() + interval '7 days',
    file text,
    media_type text,
    size bigint
);
CREATE INDEX ON jobs.jobs (organisation, created);
COMMENT ON TABLE jobs.jobs IS 'Traitements demandés ; chacun n''est connu que de l''organisation qui l''a demandé';
GRANT USAGE ON SCHEMA jobs TO geosocle_rules, geosocle_backup;
GRANT SELECT ON jobs.jobs TO geosocle_rules, geosocle_backup;
RESET ROLE;

SET ROLE geosocle_rules;

CREATE FUNCTION access.today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    RETURN (now() AT TIME ZONE 'Europe/Paris')::date;

-- The organisation behind a key: nobody's word `public`, a token's SHA-256, a job's key; NULL for any other.
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
        SELECT t.organisation INTO found
        FROM jobs.jobs j JOIN access.tokens t ON t.id = j.token AND t.organisation = j.organisation
        WHERE j.key = a_key AND j.expires > now() AND t.revoked IS NULL AND t.expires > now();
    END IF;
    RETURN found;
END
$$;

-- The communes of which the caller of this transaction may see a group of a dataset for its usage: none where
-- anything is missing. It does not depend on the row: the policies hash it once a query.
CREATE FUNCTION access.visible_communes(a_dataset text, a_group text) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    caller text := access.organisation_of(current_setting('app.key', true));
    wanted text := current_setting('app.usage', true);
BEGIN
    IF caller IS NULL THEN
        RETURN '{}'::text[];
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT unnest(r.communes)::text
        FROM access.rights r JOIN access.agreements a ON a.id = r.agreement
        WHERE a.organisation IN (caller, 'public')
          AND access.today() BETWEEN a.first_day AND a.last_day
          AND r.dataset = a_dataset AND r.attribute_group = a_group AND r.usage = wanted);
END
$$;

-- Count, extent and newest edition of what the caller sees of a dataset, for its usage or for any it has.
CREATE FUNCTION access.visible_statistics(a_dataset text, any_usage boolean)
    RETURNS TABLE (objects bigint, extent public.geometry, edition date)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    caller text := access.organisation_of(current_setting('app.key', true));
    wanted text := current_setting('app.usage', true);
BEGIN
    RETURN QUERY
    SELECT coalesce(sum(s.objects), 0)::bigint, ST_SetSRID(ST_Extent(s.extent)::geometry, 2154), max(s.edition)
    FROM access.statistics s
    WHERE s.dataset = a_dataset
      AND s.commune IN (
        SELECT unnest(r.communes)::text
        FROM access.rights r JOIN access.agreements a ON a.id = r.agreement
        WHERE caller IS NOT NULL AND a.organisation IN (caller, 'public')
          AND access.today() BETWEEN a.first_day AND a.last_day
          AND r.dataset = a_dataset AND r.attribute_group = 'base' AND (any_usage OR r.usage = wanted));
END
$$;

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

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.visible_communes(text, text), access.visible_statistics(text, boolean) TO geosocle_reader;
-- The policies are also planned for the roles that may become the reader and for the loader's own statements.
GRANT EXECUTE ON FUNCTION access.visible_communes(text, text) TO geosocle_owner;
GRANT EXECUTE ON FUNCTION access.authenticate(text) TO geosocle_web, geosocle_worker;
GRANT EXECUTE ON FUNCTION access.today() TO geosocle_owner, geosocle_reader, geosocle_web, geosocle_worker;
RESET ROLE;
REVOKE CREATE ON SCHEMA access FROM geosocle_rules;
