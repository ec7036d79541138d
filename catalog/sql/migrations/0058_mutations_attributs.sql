-- A parcel of which only attributes change has a mutation too: which, what they were, what they are.

SET ROLE geosocle_owner;
ALTER TABLE cadastre.mutations ADD COLUMN attributs text, ADD COLUMN attributs_avant text, ADD COLUMN attributs_apres text;
ALTER TABLE cadastre.mutations_passe ADD COLUMN attributs text, ADD COLUMN attributs_avant text, ADD COLUMN attributs_apres text;
ALTER TABLE staging.mutations ADD COLUMN attributs text, ADD COLUMN attributs_avant text, ADD COLUMN attributs_apres text;

DO $$
DECLARE
    a_table text;
BEGIN
    FOREACH a_table IN ARRAY ARRAY['cadastre.mutations', 'cadastre.mutations_passe', 'staging.mutations'] LOOP
        EXECUTE format('COMMENT ON COLUMN %s.nature IS %L', a_table,
            'création, suppression, division, réunion, modification, renumérotation, remaniement, attributs, fusion de communes');
        EXECUTE format('COMMENT ON COLUMN %s.attributs IS %L', a_table,
            'Attributs qui changent seuls, séparés par des virgules : contenance, arpente');
        EXECUTE format('COMMENT ON COLUMN %s.attributs_avant IS %L', a_table, 'Leurs valeurs avant, dans le même ordre');
        EXECUTE format('COMMENT ON COLUMN %s.attributs_apres IS %L', a_table, 'Leurs valeurs après, dans le même ordre');
    END LOOP;
END
$$;
RESET ROLE;

-- The ready texts have the new properties, as those that come will.
UPDATE cadastre.mutations SET feature = feature || ',"attributs":null,"attributs_avant":null,"attributs_apres":null';
