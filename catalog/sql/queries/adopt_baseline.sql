-- Bring a database of the migrations before the baseline to what the baseline makes, once its functions were run again.
SET LOCAL ROLE geosocle_register;
DROP FUNCTION registre.write(text, uuid, text, text, text, text, text[], jsonb, uuid);
DROP FUNCTION registre.write_download(text, uuid, text, uuid);
SET LOCAL ROLE geosocle_owner;
DROP PROCEDURE access.let_explain(regclass);
DROP PROCEDURE etl.index_past(regclass, boolean);

-- They were protected while explanations were forgotten.
CALL access.protect('cadastre.personnes_morales', 'personnes_morales', 'base');
CALL access.protect('cadastre.personnes_morales_passe', 'personnes_morales', 'base');
CALL access.protect('cadastre.personnes_morales_personal', 'personnes_morales', 'personal');
CALL access.protect('cadastre.personnes_morales_personal_passe', 'personnes_morales', 'personal');

DO $$
DECLARE
    dataset record;
BEGIN
    FOR dataset IN
        SELECT present.oid::regclass AS present, stage.oid::regclass AS stage
        FROM pg_class present
        JOIN pg_class past ON past.relnamespace = present.relnamespace AND past.relname = present.relname || '_passe'
        JOIN pg_class stage ON stage.relnamespace = 'staging'::regnamespace AND stage.relname = present.relname
        WHERE present.relkind = 'r' AND past.relkind = 'r'
    LOOP
        CALL etl.describe(dataset.present, dataset.stage);
    END LOOP;
END
$$;
RESET ROLE
