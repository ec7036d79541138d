-- The cadastral plan, in the words of Etalab. A row belongs to the sheet (`unite`) that delivered it.

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

CREATE TABLE cadastre.batiments (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    type text,
    nom text,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.batiments IS 'Bâtiments ; type 01 dur, 02 léger';

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

CALL etl.prepare('cadastre.communes', 'communes', ARRAY['base']);
CALL etl.prepare('cadastre.sections', 'sections', ARRAY['base']);
CALL etl.prepare('cadastre.feuilles', 'feuilles', ARRAY['base']);
CALL etl.prepare('cadastre.parcelles', 'parcelles', ARRAY['base']);
CALL etl.prepare('cadastre.batiments', 'batiments', ARRAY['base']);
CALL etl.prepare('cadastre.lieux_dits', 'lieux_dits', ARRAY['base']);
CALL etl.prepare('cadastre.subdivisions_fiscales', 'subdivisions_fiscales', ARRAY['base']);
RESET ROLE;
