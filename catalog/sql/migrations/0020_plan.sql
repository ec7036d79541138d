-- The cadastral plan, in the words of Etalab. A row belongs to the sheet (`unite`) that delivered it.
-- What the columns of the same name say in every table, and what a dataset needs, is in 0022.

SET ROLE geosocle_owner;
CREATE SCHEMA cadastre;
GRANT USAGE ON SCHEMA cadastre TO geosocle_loader, geosocle_reader, geosocle_backup;

CREATE TABLE cadastre.communes (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    nom text,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.communes IS 'Communes, telles que le cadastre les porte';
COMMENT ON COLUMN cadastre.communes.id IS 'Code INSEE, cinq caractères';
COMMENT ON COLUMN cadastre.communes.nom IS 'Nom (TEX2), en capitales';

CREATE TABLE cadastre.sections (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    prefixe text NOT NULL,
    section text NOT NULL,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.sections IS 'Sections cadastrales';
COMMENT ON COLUMN cadastre.sections.id IS 'Identifiant publié, dix caractères';
COMMENT ON COLUMN cadastre.sections.prefixe IS 'Préfixe, trois chiffres : 000, ou la commune absorbée';
COMMENT ON COLUMN cadastre.sections.section IS 'Section, deux caractères : « A » s''écrit « 0A »';

CREATE TABLE cadastre.feuilles (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    prefixe text NOT NULL,
    section text NOT NULL,
    feuille text NOT NULL,
    qualite text,
    mode_confection text,
    echelle integer,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.feuilles IS 'Feuilles cadastrales (subdivisions de section)';
COMMENT ON COLUMN cadastre.feuilles.id IS 'Identifiant publié, douze caractères';
COMMENT ON COLUMN cadastre.feuilles.feuille IS 'Numéro de la feuille dans la section';
COMMENT ON COLUMN cadastre.feuilles.qualite IS 'Qualité du plan (QUPL), code : 01 régulier d''avant 1980, 02 non régulier, 03 à 05 précision P3 à P5';
COMMENT ON COLUMN cadastre.feuilles.mode_confection IS 'Mode de confection (COPL), code : 01 ancien plan … 07 plans d''arpentage';
COMMENT ON COLUMN cadastre.feuilles.echelle IS 'Dénominateur de l''échelle (EOR)';

CREATE TABLE cadastre.parcelles (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    prefixe text NOT NULL,
    section text NOT NULL,
    numero text NOT NULL,
    contenance integer,
    arpente boolean,
    creation date,
    mise_a_jour date,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.parcelles IS 'Parcelles cadastrales ; contenance en m²';
COMMENT ON COLUMN cadastre.parcelles.id IS 'Identifiant publié, quatorze caractères';
COMMENT ON COLUMN cadastre.parcelles.numero IS 'Numéro de plan, quatre chiffres';
COMMENT ON COLUMN cadastre.parcelles.contenance IS 'Contenance (SUPF), en m², telle que déclarée : jamais la surface du dessin';
COMMENT ON COLUMN cadastre.parcelles.arpente IS 'Vrai si la parcelle est arpentée (COAR = A)';

CREATE TABLE cadastre.batiments (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    type text,
    nom text,
    parcelles text,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.batiments IS 'Bâtiments ; type 01 dur, 02 léger';
COMMENT ON COLUMN cadastre.batiments.type IS '01 en dur, 02 léger (DUR)';
COMMENT ON COLUMN cadastre.batiments.nom IS 'Nom porté sur le plan (TEX)';

CREATE TABLE cadastre.lieux_dits (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    nom text,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.lieux_dits IS 'Lieux-dits, par morceaux de feuille';

CREATE TABLE cadastre.subdivisions_fiscales (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    parcelle text,
    lettre text,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.subdivisions_fiscales IS 'Subdivisions fiscales des parcelles';
COMMENT ON COLUMN cadastre.subdivisions_fiscales.parcelle IS 'Parcelle dont elle est une partie ; vide si elle n''est pas chargée';
COMMENT ON COLUMN cadastre.subdivisions_fiscales.lettre IS 'Lettre d''ordre dans la parcelle (TEX)';
