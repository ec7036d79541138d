-- A day is found without the others. Of what is served, (commune, id, edition) tells what is younger than the day
-- without fetching it: a page of a day long past read a whole town in vain. Of what was, (commune, valide_au, edition)
-- counts a day alone.

SET ROLE geosocle_owner;

DO $$
DECLARE
    a_table regclass;
    an_index regclass;
BEGIN
    FOR a_table IN
        SELECT p.polrelid FROM pg_policy p WHERE p.polname = 'lecture' AND p.polrelid::regclass::text LIKE '%\_passe'
    LOOP
        EXECUTE format('CREATE INDEX ON %s (commune, id, edition)', regexp_replace(a_table::text, '_passe$', ''));
        EXECUTE format('CREATE INDEX ON %s (commune, valide_au, edition)', a_table);
    END LOOP;
    FOR an_index IN
        SELECT i.indexrelid FROM pg_index i JOIN pg_policy p ON p.polrelid = i.indrelid AND p.polname = 'lecture'
        WHERE pg_get_indexdef(i.indexrelid) LIKE '% USING btree (commune, id)'
           OR pg_get_indexdef(i.indexrelid) LIKE '% USING btree (commune, valide_au)'
    LOOP
        EXECUTE format('DROP INDEX %s', an_index);
    END LOOP;
END
$$;
RESET ROLE;
