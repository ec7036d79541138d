-- Objects of every published table are found by explanations: the tables protected since the tiles were shared were not.

SET ROLE geosocle_owner;
DO $$
DECLARE
    a_table regclass;
BEGIN
    FOR a_table IN
        SELECT p.polrelid::regclass FROM pg_policy p
        WHERE p.polname = 'lecture' AND NOT EXISTS (
            SELECT FROM pg_policy e WHERE e.polrelid = p.polrelid AND e.polname = 'explication')
    LOOP
        EXECUTE format('CREATE POLICY explication ON %s FOR SELECT TO geosocle_rules USING (true)', a_table);
        EXECUTE format('GRANT SELECT (id, commune) ON %s TO geosocle_rules', a_table);
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO geosocle_rules',
                       (SELECT c.relnamespace::regnamespace FROM pg_class c WHERE c.oid = a_table));
    END LOOP;
END
$$;
RESET ROLE;
