-- Comments on every column of the cadastre, past and staged tables included, and the links between its objects.

SET ROLE geosocle_owner;
COMMENT ON COLUMN cadastre.communes.nom IS 'Nom (TEX2), en capitales';
COMMENT ON COLUMN cadastre.sections.prefixe IS 'Préfixe, trois chiffres : 000, ou la commune absorbée';
COMMENT ON COLUMN cadastre.sections.section IS 'Section, deux caractères : « A » s''écrit « 0A »';
COMMENT ON COLUMN cadastre.feuilles.prefixe IS 'Préfixe, trois chiffres';
COMMENT ON COLUMN cadastre.feuilles.section IS 'Section, deux caractères';
COMMENT ON COLUMN cadastre.feuilles.feuille IS 'Numéro de la feuille dans la section';
COMMENT ON COLUMN cadastre.feuilles.qualite IS 'Qualité du plan (QUPL), code : 01 régulier d''avant 1980, 02 non régulier, 03 à 05 précision P3 à P5';
COMMENT ON COLUMN cadastre.feuilles.mode_confection IS 'Mode de confection (COPL), code : 01 ancien plan … 07 plans d''arpentage';
COMMENT ON COLUMN cadastre.feuilles.echelle IS 'Dénominateur de l''échelle (EOR)';
COMMENT ON COLUMN cadastre.parcelles.prefixe IS 'Préfixe, trois chiffres';
COMMENT ON COLUMN cadastre.parcelles.section IS 'Section, deux caractères';
COMMENT ON COLUMN cadastre.parcelles.numero IS 'Numéro de plan, quatre chiffres';
COMMENT ON COLUMN cadastre.parcelles.contenance IS 'Contenance (SUPF), en m², telle que déclarée : jamais la surface du dessin';
COMMENT ON COLUMN cadastre.parcelles.arpente IS 'Vrai si la parcelle est arpentée (COAR = A)';
COMMENT ON COLUMN cadastre.parcelles.creation IS 'Jour de création dans le plan (ODA du .QAL)';
COMMENT ON COLUMN cadastre.parcelles.mise_a_jour IS 'Jour de dernière mise à jour (UDA du .QAL)';
COMMENT ON COLUMN cadastre.batiments.type IS '01 en dur, 02 léger (DUR)';
COMMENT ON COLUMN cadastre.batiments.nom IS 'Nom porté sur le plan (TEX)';
COMMENT ON COLUMN cadastre.batiments.parcelles IS 'Parcelles liées, par leurs identifiants séparés d''une virgule';
COMMENT ON COLUMN cadastre.lieux_dits.nom IS 'Nom porté sur le plan (TEX, TEX2 … TEX10 mis bout à bout)';
COMMENT ON COLUMN cadastre.subdivisions_fiscales.parcelle IS 'Parcelle dont elle est une partie ; vide si elle n''est pas chargée';
COMMENT ON COLUMN cadastre.subdivisions_fiscales.lettre IS 'Lettre d''ordre dans la parcelle (TEX)';

-- What every table has, then the same words on what was replaced (`_passe`) and on what waits (`staging`).
DO $$
DECLARE
    a_table record;
    a_column record;
BEGIN
    FOR a_table IN
        SELECT c.oid, c.relname, obj_description(c.oid, 'pg_class') AS words
        FROM pg_class c
        WHERE c.relnamespace = 'cadastre'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE '%\_passe'
    LOOP
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.commune IS %L', a_table.relname, 'Code INSEE de la commune, cinq caractères');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.unite IS %L', a_table.relname, 'Feuille qui a livré l''objet, douze caractères');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.edition IS %L', a_table.relname, 'Jour de l''export par la DGFiP');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.geom IS %L', a_table.relname, 'Géométrie, dans le système de coordonnées de l''installation');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.feature IS %L', a_table.relname, 'Texte GeoJSON de l''objet, prêt à servir, sans ses deux dernières accolades');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.id IS %L', a_table.relname,
            CASE a_table.relname
                WHEN 'communes' THEN 'Code INSEE, cinq caractères'
                WHEN 'sections' THEN 'Identifiant publié, dix caractères'
                WHEN 'feuilles' THEN 'Identifiant publié, douze caractères'
                WHEN 'parcelles' THEN 'Identifiant publié, quatorze caractères'
                ELSE 'Identifiant : la feuille, un tiret, le numéro de l''objet dans le lot ; stable dans une édition seulement'
            END);
        EXECUTE format('COMMENT ON TABLE cadastre.%I IS %L', a_table.relname || '_passe',
                       a_table.words || ' : ce qui a été remplacé');
        EXECUTE format('COMMENT ON TABLE staging.%I IS %L', a_table.relname, a_table.words || ' : en attente de publication');
        EXECUTE format('COMMENT ON COLUMN cadastre.%I.valide_au IS %L', a_table.relname || '_passe',
                       'Jour de l''édition qui l''a remplacé');
        EXECUTE format('COMMENT ON COLUMN staging.%I.delivery IS %L', a_table.relname, 'Livraison');
        FOR a_column IN
            SELECT attname, col_description(attrelid, attnum) AS words
            FROM pg_attribute WHERE attrelid = a_table.oid AND attnum > 0 AND NOT attisdropped
        LOOP
            EXECUTE format('COMMENT ON COLUMN cadastre.%I.%I IS %L',
                           a_table.relname || '_passe', a_column.attname, a_column.words);
            IF a_column.attname <> 'feature' THEN
                EXECUTE format('COMMENT ON COLUMN staging.%I.%I IS %L', a_table.relname, a_column.attname, a_column.words);
            END IF;
        END LOOP;
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
RESET ROLE;
