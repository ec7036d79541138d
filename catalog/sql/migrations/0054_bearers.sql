-- A line of the register names whoever signed in, too: the identity behind a session, and the one behind its job.

SET ROLE geosocle_owner;
GRANT SELECT (sha256, identity) ON access.sessions TO geosocle_register;
GRANT SELECT (identity) ON jobs.jobs TO geosocle_register;
GRANT CREATE ON SCHEMA registre TO geosocle_register;
COMMENT ON COLUMN registre.lines.bearer IS 'Identifiant du jeton ou de l''identité, jamais ce qui permet d''entrer';
RESET ROLE;

SET ROLE geosocle_register;
-- The identifier of the token or of the identity behind a key, also behind a job's.
CREATE OR REPLACE FUNCTION registre.token_of(a_key text) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce((SELECT t.id FROM access.tokens t WHERE t.sha256 = a_key),
                    (SELECT s.identity FROM access.sessions s WHERE s.sha256 = a_key),
                    (SELECT coalesce(j.token, j.identity) FROM jobs.jobs j WHERE j.key = a_key));
END;
RESET ROLE;

SET ROLE geosocle_owner;
REVOKE CREATE ON SCHEMA registre FROM geosocle_register;
RESET ROLE;
