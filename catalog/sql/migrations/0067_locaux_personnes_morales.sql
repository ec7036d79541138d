-- Rights of legal persons on premises, as DGFiP publishes them. Names and numbers of their own stand in a side table.

SET ROLE geosocle_owner;

CREATE TABLE cadastre.locaux_personnes_morales (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    parcelle text NOT NULL,
    batiment text,
    entree text,
    niveau text,
    porte text,
    droit text,
    droit_libelle text,
    groupe integer,
    groupe_libelle text,
    forme_juridique text,
    adresse text,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
CREATE TABLE cadastre.locaux_personnes_morales_personal (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    denomination text,
    forme_abregee text,
    siren text,
    numero_majic text,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.locaux_personnes_morales IS 'Droits des personnes morales sur les locaux : un par local, titulaire et nature du droit';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.id IS 'Parcelle et rang : stable dans une édition seulement, et ne dit rien du titulaire';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.unite IS 'Fichier et commune qui l''ont apporté';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.edition IS '1er janvier de l''année que décrit le fichier';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.parcelle IS 'Identifiant de la parcelle du local, 14 caractères';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.batiment IS 'Bâtiment du local';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.entree IS 'Entrée du local';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.niveau IS 'Niveau du local';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.porte IS 'Porte du local';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.droit IS 'Nature du droit : P propriétaire, U usufruitier, N nu-propriétaire…';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.droit_libelle IS 'Nature du droit, en clair';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.groupe IS 'Groupe de personnes, 0 à 9';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.groupe_libelle IS 'Groupe de personnes, en clair';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.forme_juridique IS 'Forme juridique, code de l''Insee';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.adresse IS 'Adresse du local';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.geom IS 'Un point de la parcelle, telle que tenue au chargement';
COMMENT ON COLUMN cadastre.locaux_personnes_morales.feature IS 'Texte GeoJSON, prêt à servir';
COMMENT ON TABLE cadastre.locaux_personnes_morales_personal IS 'Titulaires de ces droits : nom et numéros';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.id IS 'Identifiant du droit';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.unite IS 'Fichier et commune qui l''ont apporté';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.edition IS '1er janvier de l''année que décrit le fichier';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.denomination IS 'Nom de la personne morale';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.forme_abregee IS 'Forme juridique, en abrégé';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.siren IS 'SIREN, vide où le fichier n''a qu''un numéro fictif';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.numero_majic IS 'Numéro de la personne dans le département';
COMMENT ON COLUMN cadastre.locaux_personnes_morales_personal.feature IS 'Texte GeoJSON, prêt à servir';

CALL etl.prepare('cadastre.locaux_personnes_morales', 'locaux_personnes_morales', ARRAY['base', 'personal']);
CREATE INDEX ON cadastre.locaux_personnes_morales (parcelle);
RESET ROLE;
