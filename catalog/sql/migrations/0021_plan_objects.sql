-- Every other object of a cadastral lot, a table a class, in the words of the PCI vecteur.
-- 2154 stands for the installation's own system of coordinates. No foreign key between objects: a sheet is replaced by
-- itself, what it names may be in another sheet, rejected or gone; such ids are then absent, and said in the report.

SET ROLE geosocle_owner;

CREATE TABLE cadastre.numeros_voirie (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    numero text,
    parcelles text,
    creation date,
    mise_a_jour date,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.numeros_voirie IS 'Numéros d''adresse portés sur le plan cadastral, avec leurs parcelles (EDIGEO : NUMVOIE_id)';
COMMENT ON COLUMN cadastre.numeros_voirie.numero IS 'Numéro, tel qu''il est écrit sur le plan (TEX)';

CREATE TABLE cadastre.troncons_route (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    nom text,
    rcad text,
    creation date,
    mise_a_jour date,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.troncons_route IS 'Surfaces de voirie du plan cadastral (EDIGEO : TRONROUTE_id)';
COMMENT ON COLUMN cadastre.troncons_route.rcad IS 'RCAD, tel quel : le dictionnaire du lot ne le définit pas';

CREATE TABLE cadastre.troncons_cours_eau (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    nom text,
    creation date,
    mise_a_jour date,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.troncons_cours_eau IS 'Surfaces des cours d''eau du plan cadastral (EDIGEO : TRONFLUV_id)';

CREATE TABLE cadastre.surfaces (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    symbole text,
    libelle text,
    nom text,
    creation date,
    mise_a_jour date,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.surfaces IS 'Détails du plan cadastral qui ont une surface : piscines, étangs, parapets, parkings (EDIGEO : TSURF_id)';

CREATE TABLE cadastre.lignes (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    symbole text,
    libelle text,
    nom text,
    creation date,
    mise_a_jour date,
    geom public.geometry(MultiLineString, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.lignes IS 'Détails du plan cadastral qui sont des lignes : trottoirs, chemins, flèches, petits ruisseaux (EDIGEO : TLINE_id)';

CREATE TABLE cadastre.points_divers (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    symbole text,
    libelle text,
    orientation double precision,
    nom text,
    creation date,
    mise_a_jour date,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.points_divers IS 'Détails du plan cadastral qui sont des points : calvaires, puits, flèches de cours d''eau (EDIGEO : TPOINT_id)';

CREATE TABLE cadastre.symboles_limites (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    symbole text,
    libelle text,
    orientation double precision,
    parcelles text,
    creation date,
    mise_a_jour date,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.symboles_limites IS 'Murs, fossés, clôtures et haies, mitoyens ou non, le long des limites de propriété (EDIGEO : SYMBLIM_id)';

CREATE TABLE cadastre.bornes (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    type text,
    orientation double precision,
    parcelles text,
    creation date,
    mise_a_jour date,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.bornes IS 'Repères plantés ou gravés sur les limites de propriété (EDIGEO : BORNE_id, BOULON_id, CROIX_id)';
COMMENT ON COLUMN cadastre.bornes.type IS 'borne, boulon ou croix (gravée)';
COMMENT ON COLUMN cadastre.bornes.orientation IS 'Orientation d''un boulon (ORI), en degrés, de 0 à 360, dans le sens inverse des aiguilles d''une montre';

CREATE TABLE cadastre.charges (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    nom text,
    parcelles text,
    creation date,
    mise_a_jour date,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.charges IS 'Parties de parcelle grevées d''une charge (EDIGEO : CHARGE_id)';

CREATE TABLE cadastre.zones_communication (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    nom text,
    creation date,
    mise_a_jour date,
    geom public.geometry(MultiLineString, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.zones_communication IS 'Axes des voies nommées du plan cadastral (EDIGEO : ZONCOMMUNI_id)';

CREATE TABLE cadastre.ensembles_immobiliers (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    nom text,
    creation date,
    mise_a_jour date,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.ensembles_immobiliers IS 'Points qui portent le nom d''un ensemble immobilier, d''une voie privée ou d''un édifice (EDIGEO : VOIEP_id)';

CREATE TABLE cadastre.points_canevas (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    numero text,
    symbole text,
    libelle text,
    materialisation text,
    canevas text,
    planimetrie text,
    altimetrie text,
    orientation double precision,
    creation date,
    mise_a_jour date,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.points_canevas IS 'Points géodésiques, de canevas cadastral et de nivellement (EDIGEO : PTCANV_id)';
COMMENT ON COLUMN cadastre.points_canevas.numero IS 'Numéro du point dans la commune (IDU)';
COMMENT ON COLUMN cadastre.points_canevas.materialisation IS 'Matérialisation (MAP), en clair';
COMMENT ON COLUMN cadastre.points_canevas.canevas IS 'Maître d''ouvrage du canevas (CAN), en clair';
COMMENT ON COLUMN cadastre.points_canevas.planimetrie IS 'Précision en planimétrie (PPLN), en clair';
COMMENT ON COLUMN cadastre.points_canevas.altimetrie IS 'Précision en altimétrie (PALT), en clair';

CREATE TABLE cadastre.etiquettes (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    texte text,
    attribut text,
    classe text,
    objet text,
    angle double precision,
    police text,
    hauteur double precision,
    expansion double precision,
    espacement double precision,
    sens text,
    alignement_horizontal text,
    alignement_vertical text,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.etiquettes IS 'Textes du plan cadastral, à leur place, avec leur angle et l''objet qu''ils nomment (EDIGEO : ID_S_OBJ_Z_1_2_2)';
COMMENT ON COLUMN cadastre.etiquettes.texte IS 'Texte écrit : la valeur de l''attribut désigné';
COMMENT ON COLUMN cadastre.etiquettes.attribut IS 'Attribut de l''objet qui est écrit (ATR) : TEX, TEX2 … TEX10';
COMMENT ON COLUMN cadastre.etiquettes.classe IS 'Classe EDIGEO de l''objet nommé';
COMMENT ON COLUMN cadastre.etiquettes.objet IS 'Identifiant de l''objet nommé ; vide s''il n''est pas chargé';
COMMENT ON COLUMN cadastre.etiquettes.angle IS 'Angle de la ligne d''écriture, en degrés, de 0 à 360, depuis l''est du plan, dans le sens inverse des aiguilles d''une montre (DI3, DI4)';
COMMENT ON COLUMN cadastre.etiquettes.police IS 'Police (FON)';
COMMENT ON COLUMN cadastre.etiquettes.hauteur IS 'Hauteur des caractères (HEI), dans l''unité du lot';
COMMENT ON COLUMN cadastre.etiquettes.expansion IS 'Facteur d''expansion des caractères (CEF)';
COMMENT ON COLUMN cadastre.etiquettes.espacement IS 'Espacement des caractères (CSP), dans l''unité du lot';
COMMENT ON COLUMN cadastre.etiquettes.sens IS 'Sens d''écriture (TPA), code du lot';
COMMENT ON COLUMN cadastre.etiquettes.alignement_horizontal IS 'Alignement horizontal (HTA), code du lot';
COMMENT ON COLUMN cadastre.etiquettes.alignement_vertical IS 'Alignement vertical (VTA), code du lot';
