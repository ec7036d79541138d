-- The words of the columns that the plan's tables share, what each of them needs as a dataset, and the links between
-- their objects.

SET ROLE geosocle_owner;

DO $$
DECLARE
    a_table record;
    a_column record;
BEGIN
    FOR a_table IN
        SELECT oid, oid::regclass AS name, relname::text AS dataset FROM pg_class
        WHERE relnamespace = 'cadastre'::regnamespace AND relkind = 'r' ORDER BY relname
    LOOP
        FOR a_column IN
            SELECT shared.* FROM (VALUES
                ('id', 'Identifiant : la feuille, un tiret, le numéro de l''objet dans le lot ; stable dans une édition seulement'),
                ('unite', 'Feuille qui a livré l''objet, douze caractères'),
                ('edition', 'Jour de l''export par la DGFiP'),
                ('prefixe', 'Préfixe, trois chiffres'),
                ('section', 'Section, deux caractères'),
                ('nom', 'Nom porté sur le plan (TEX, TEX2 … TEX10 mis bout à bout)'),
                ('symbole', 'Code du signe conventionnel (SYM)'),
                ('libelle', 'Sens du code, d''après le dictionnaire du lot'),
                ('orientation', 'Orientation du signe (ORI), en degrés, de 0 à 360, dans le sens inverse des aiguilles d''une montre'),
                ('parcelles', 'Parcelles liées, par leurs identifiants séparés d''une virgule'),
                ('creation', 'Jour de création dans le plan (ODA du .QAL)'),
                ('mise_a_jour', 'Jour de dernière mise à jour (UDA du .QAL)')
            ) AS shared (name, words)
            JOIN pg_attribute a ON a.attrelid = a_table.oid AND a.attname = shared.name
            WHERE col_description(a_table.oid, a.attnum) IS NULL
        LOOP
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', a_table.name, a_column.name, a_column.words);
        END LOOP;
        CALL etl.prepare(a_table.name, a_table.dataset, ARRAY['base']);
    END LOOP;
END
$$;

-- The relations of the lots, one row a pair. The rights are those of the tables that it reads.
CREATE VIEW cadastre.liens (relation, commune, unite, origine, id, cible, id_cible) WITH (security_invoker = true) AS
SELECT 'BATIMENT_PARCELLE', commune, unite, 'batiments', id, 'parcelles', string_to_table(parcelles, ',') FROM cadastre.batiments
UNION ALL
SELECT upper(type) || '_PARCELLE', commune, unite, 'bornes', id, 'parcelles', string_to_table(parcelles, ',') FROM cadastre.bornes
UNION ALL
SELECT 'CHARGE_PARCELLE', commune, unite, 'charges', id, 'parcelles', string_to_table(parcelles, ',') FROM cadastre.charges
UNION ALL
SELECT 'NUMVOIE_PARCELLE', commune, unite, 'numeros_voirie', id, 'parcelles', string_to_table(parcelles, ',') FROM cadastre.numeros_voirie
UNION ALL
SELECT 'SYMBLIM_PARCELLE', commune, unite, 'symboles_limites', id, 'parcelles', string_to_table(parcelles, ',') FROM cadastre.symboles_limites
UNION ALL
SELECT 'SUBDFISC_PARCELLE', commune, unite, 'subdivisions_fiscales', id, 'parcelles', string_to_table(parcelle, ',') FROM cadastre.subdivisions_fiscales
UNION ALL
SELECT 'IS_S_REL_IWW', commune, unite, 'etiquettes', id, classe, objet FROM cadastre.etiquettes WHERE objet IS NOT NULL
UNION ALL
SELECT 'PARCELLE_SUBDSECT', commune, unite, 'parcelles', id, 'feuilles', unite FROM cadastre.parcelles WHERE unite ~ '^\w{12}$'
UNION ALL
SELECT 'SUBDSECT_SECTION', commune, unite, 'feuilles', id, 'sections', left(id, 10) FROM cadastre.feuilles
UNION ALL
SELECT 'SECTION_COMMUNE', commune, unite, 'sections', id, 'communes', left(id, 5) FROM cadastre.sections
UNION ALL
SELECT 'DETOPO_COMMUNE', commune, unite, 'surfaces', id, 'communes', commune FROM cadastre.surfaces
UNION ALL
SELECT 'DETOPO_COMMUNE', commune, unite, 'lignes', id, 'communes', commune FROM cadastre.lignes
UNION ALL
SELECT 'DETOPO_COMMUNE', commune, unite, 'points_divers', id, 'communes', commune FROM cadastre.points_divers
UNION ALL
SELECT 'PTCANVS_COMMUNE', commune, unite, 'points_canevas', id, 'communes', commune FROM cadastre.points_canevas;
COMMENT ON VIEW cadastre.liens IS 'Relations entre objets (EDIGEO : LNK) ; celles vers la feuille, la section et la commune viennent des identifiants';
COMMENT ON COLUMN cadastre.liens.relation IS 'Nom de la relation EDIGEO';
COMMENT ON COLUMN cadastre.liens.commune IS 'Code INSEE de la commune';
COMMENT ON COLUMN cadastre.liens.unite IS 'Feuille qui a livré l''objet d''origine';
COMMENT ON COLUMN cadastre.liens.origine IS 'Table de l''objet d''origine';
COMMENT ON COLUMN cadastre.liens.id IS 'Identifiant de l''objet d''origine';
COMMENT ON COLUMN cadastre.liens.cible IS 'Table de l''objet lié ; pour une étiquette, sa classe EDIGEO';
COMMENT ON COLUMN cadastre.liens.id_cible IS 'Identifiant de l''objet lié';
GRANT SELECT ON cadastre.liens TO geosocle_loader, geosocle_backup;
