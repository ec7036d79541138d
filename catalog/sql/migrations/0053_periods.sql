-- Periods, refused by the database itself where they are not in their order. Agreements of one organisation may run
-- side by side; a period that renews another may not begin before that one has ended.

SET ROLE geosocle_owner;

ALTER TABLE access.drafts ADD CONSTRAINT days_in_order
    CHECK ((content ->> 'first_day' <= content ->> 'last_day') IS TRUE);

-- At the end of a transaction, so that both periods may be moved in one. The lock lets no other transaction move the
-- period before meanwhile. A void period, whose last day is before its first, is in nobody's way.
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
REVOKE ALL ON FUNCTION access.follow() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER follow AFTER INSERT OR UPDATE OF first_day, last_day, renews ON access.agreements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.follow();
RESET ROLE;
