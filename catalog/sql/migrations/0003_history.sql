-- The history of agreements: whatever changes one or its rights, by a command or by hand, leaves the state before.

SET ROLE geosocle_owner;

CREATE TABLE access.versions (
    agreement access.slug NOT NULL,
    version integer NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz CHECK (until >= since),
    organisation access.slug NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    details jsonb NOT NULL,
    rights jsonb NOT NULL,
    PRIMARY KEY (agreement, version)
);
CREATE UNIQUE INDEX ON access.versions (agreement) WHERE until IS NULL;
CREATE INDEX ON access.versions (organisation);
COMMENT ON TABLE access.versions IS 'Ce que chaque convention donnait, de quand à quand : rien n''en est effacé';
GRANT SELECT ON access.versions TO geosocle_rules, geosocle_backup;

CREATE FUNCTION access.rights_of(an_agreement text) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('dataset', r.dataset, 'group', r.attribute_group,
                                                         'usage', r.usage, 'communes', r.communes)
                                      ORDER BY r.dataset, r.attribute_group, r.usage), '[]')
            FROM access.rights r WHERE r.agreement = an_agreement);

-- Rights are written many rows at once: one touch of their agreement a statement, and one version a transaction.
CREATE FUNCTION access.touch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    UPDATE access.agreements SET changed = clock_timestamp()
    WHERE id IN (SELECT r.agreement FROM changed_rights r);
    RETURN NULL;
END
$$;
CREATE TRIGGER touch_insert AFTER INSERT ON access.rights REFERENCING NEW TABLE AS changed_rights
    FOR EACH STATEMENT EXECUTE FUNCTION access.touch();
CREATE TRIGGER touch_delete AFTER DELETE ON access.rights REFERENCING OLD TABLE AS changed_rights
    FOR EACH STATEMENT EXECUTE FUNCTION access.touch();
-- An update touches both its agreements where it moves a right from one to another.
CREATE TRIGGER touch_update_from AFTER UPDATE ON access.rights REFERENCING OLD TABLE AS changed_rights
    FOR EACH STATEMENT EXECUTE FUNCTION access.touch();
CREATE TRIGGER touch_update_to AFTER UPDATE ON access.rights REFERENCING NEW TABLE AS changed_rights
    FOR EACH STATEMENT EXECUTE FUNCTION access.touch();

-- At the end of a transaction: close the last version where the agreement is no longer that, and open the next.
CREATE FUNCTION access.remember() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    which text := coalesce(NEW.id, OLD.id);
    instant timestamptz := clock_timestamp();
    last_one access.versions;
    stands record;
BEGIN
    SELECT a.organisation, a.first_day, a.last_day, access.rights_of(a.id) AS rights,
           to_jsonb(a) - '{id,organisation,first_day,last_day,created,changed}'::text[] AS details
    INTO stands FROM access.agreements a WHERE a.id = which;
    SELECT * INTO last_one FROM access.versions v WHERE v.agreement = which ORDER BY v.version DESC LIMIT 1;
    IF last_one.until IS NULL AND (last_one.organisation, last_one.first_day, last_one.last_day, last_one.rights, last_one.details)
        IS NOT DISTINCT FROM (stands.organisation, stands.first_day, stands.last_day, stands.rights, stands.details) THEN
        RETURN NULL;
    END IF;
    UPDATE access.versions v SET until = instant WHERE v.agreement = which AND v.until IS NULL;
    IF stands.organisation IS NOT NULL THEN
        INSERT INTO access.versions (agreement, version, since, organisation, first_day, last_day, details, rights)
        VALUES (which, coalesce(last_one.version, 0) + 1, instant,
                stands.organisation, stands.first_day, stands.last_day, stands.details, stands.rights);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER remember AFTER INSERT OR UPDATE OR DELETE ON access.agreements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.remember();

CREATE FUNCTION access.keep() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.until IS NULL AND to_jsonb(NEW) - 'until' = to_jsonb(OLD) - 'until' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'access.versions is only added to';
END
$$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON access.versions FOR EACH ROW EXECUTE FUNCTION access.keep();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON access.versions FOR EACH STATEMENT EXECUTE FUNCTION access.keep();

-- What an organisation could see at any moment of a day (Paris's), its own agreements and the public's together.
CREATE FUNCTION access.given_on(a_day date, an_organisation text)
    RETURNS TABLE (dataset text, attribute_group text, usage text, communes text[], agreement text, version integer)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.dataset, r."group", r.usage, r.communes, v.agreement::text, v.version
    FROM access.versions v
    CROSS JOIN LATERAL jsonb_to_recordset(v.rights) AS r (dataset text, "group" text, usage text, communes text[])
    WHERE v.organisation IN (an_organisation, 'public')
      AND a_day BETWEEN v.first_day AND v.last_day
      AND v.since < (a_day + 1)::timestamp AT TIME ZONE 'Europe/Paris'
      AND coalesce(v.until, 'infinity') > a_day::timestamp AT TIME ZONE 'Europe/Paris';
END;
