-- Organisations, agreements with their terms and quotas, and the rights that they give.

SET ROLE geosocle_owner;
CREATE SCHEMA access;
GRANT USAGE ON SCHEMA access
    TO geosocle_rules, geosocle_reader, geosocle_web, geosocle_worker, geosocle_loader, geosocle_jobs,
       geosocle_register, geosocle_backup;

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
INSERT INTO access.organisations (id, name, kind) VALUES ('public', 'Tout le monde', 'public');

-- `terms`: the rights as they were written, with `territoire`, names of areas and neighbours; access.rights has them
-- as resolved on the day of the signature. A quota that is NULL is none. `renews`: the period before this one.
CREATE TABLE access.agreements (
    id access.slug PRIMARY KEY,
    organisation access.slug NOT NULL REFERENCES access.organisations,
    purpose text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day - 1),
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    created timestamptz NOT NULL DEFAULT now(),
    terms jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(terms) = 'array'),
    quota_features_day bigint CHECK (quota_features_day > 0),
    quota_export_bytes_month bigint CHECK (quota_export_bytes_month > 0),
    quota_requests_minute integer CHECK (quota_requests_minute > 0),
    renews access.slug UNIQUE REFERENCES access.agreements CHECK (renews <> id),
    ended timestamptz,
    changed timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON access.agreements (organisation);
COMMENT ON TABLE access.agreements IS 'Conventions : seule source de droits ; jours inclus, heure de Paris';

-- Agreements of one organisation may run side by side; a period that renews another may not begin before that one has
-- ended. Looked at when a transaction ends, so that both periods may be moved in one. The lock lets no other
-- transaction move the period before meanwhile. A void period, whose last day is before its first, is in nobody's way.
CREATE FUNCTION access.follow() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    PERFORM FROM access.agreements a WHERE a.id = NEW.renews FOR SHARE;
    IF EXISTS (
        SELECT FROM access.agreements later JOIN access.agreements a ON a.id = later.renews
        WHERE NEW.id IN (later.id, a.id) AND later.first_day <= a.last_day
          AND later.last_day >= later.first_day AND a.last_day >= a.first_day
    ) THEN
        RAISE EXCEPTION 'a period begins before the one that it renews has ended'
            USING ERRCODE = 'exclusion_violation', SCHEMA = 'access', TABLE = 'agreements', CONSTRAINT = 'follow';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER follow AFTER INSERT OR UPDATE OF first_day, last_day, renews ON access.agreements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.follow();

-- A right is a tuple (dataset, attribute group, commune, usage) for the days of its agreement. A row keeps the
-- communes of one (agreement, dataset, group, usage) together: rights still unite tuple by tuple, since the union is
-- always taken within one dataset, group and usage. 250 communes are one row instead of 250 to sum up at each request.
CREATE TABLE access.rights (
    agreement access.slug NOT NULL REFERENCES access.agreements ON DELETE CASCADE,
    dataset text NOT NULL,
    attribute_group text NOT NULL,
    usage access.usage NOT NULL,
    communes access.code_insee[] NOT NULL CHECK (cardinality(communes) > 0 AND array_position(communes, NULL) IS NULL),
    PRIMARY KEY (agreement, dataset, attribute_group, usage)
);
COMMENT ON TABLE access.rights IS 'Droits : jeu de données × groupe d''attributs × usage, sur des communes';

-- A draft stands in a table of its own: what joins rights and agreements knows signed ones alone, at no cost.
CREATE TABLE access.drafts (
    id access.slug PRIMARY KEY,
    organisation access.slug NOT NULL REFERENCES access.organisations,
    content jsonb NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT days_in_order CHECK ((content ->> 'first_day' <= content ->> 'last_day') IS TRUE)
);
COMMENT ON TABLE access.drafts IS 'Brouillons de conventions, tels qu''écrits : ils ne donnent rien';

CREATE TABLE access.areas (
    id access.slug PRIMARY KEY CHECK (id <> 'territoire' AND id !~ '^\d[\dab]\d{3}$'),
    name text NOT NULL,
    communes access.code_insee[] NOT NULL CHECK (cardinality(communes) > 0 AND array_position(communes, NULL) IS NULL),
    changed timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE access.areas IS 'Zones nommées (EPCI, concession) ; une convention en prend les communes à sa signature';

GRANT SELECT ON access.organisations, access.agreements, access.rights, access.drafts TO geosocle_rules;
GRANT SELECT ON access.agreements, access.rights TO geosocle_register;
GRANT SELECT ON access.organisations, access.agreements, access.rights, access.drafts, access.areas TO geosocle_backup;
