-- Comments on what came after the others: every column of the mutations and of the anomalies, past ones included.

SET ROLE geosocle_owner;
COMMENT ON COLUMN cadastre.mutations.id IS 'Identifiant de la mutation';
COMMENT ON COLUMN cadastre.mutations.edition IS 'Jour de l''édition qui l''apporte';
COMMENT ON COLUMN cadastre.mutations.edition_precedente IS 'Jour de l''édition d''avant';
COMMENT ON COLUMN cadastre.anomalies.unite IS 'Feuille ou fichier qui l''a apportée';
COMMENT ON COLUMN cadastre.anomalies.edition IS 'Jour de l''édition jugée';

DO $$
DECLARE
    a_table text;
    a_column record;
BEGIN
    FOREACH a_table IN ARRAY ARRAY['mutations', 'anomalies'] LOOP
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.commune IS %L', a_table, 'Code INSEE de la commune, cinq caractères');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.geom IS %L', a_table, 'Géométrie, dans le système de coordonnées de l''installation');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.feature IS %L', a_table,
                       'Texte GeoJSON de l''objet, prêt à servir, sans ses deux dernières accolades');
        EXECUTE format('COMMENT ON TABLE cadastre.%I IS %L', a_table || '_passe',
                       obj_description(format('cadastre.%I', a_table)::regclass, 'pg_class') || ' : ce qui a été remplacé');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.valide_au IS %L', a_table || '_passe', 'Jour de l''édition qui l''a remplacé');
        FOR a_column IN
            SELECT attname, col_description(attrelid, attnum) AS words FROM pg_attribute
            WHERE attrelid = format('cadastre.%I', a_table)::regclass AND attnum > 0 AND NOT attisdropped
        LOOP
            EXECUTE format('COMMENT ON COLUMN cadastre.%I.%I IS %L', a_table || '_passe', a_column.attname, a_column.words);
        END LOOP;
    END LOOP;
END
$$;
RESET ROLE;
