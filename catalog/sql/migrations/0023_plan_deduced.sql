-- What is deduced from the plan: what became of the parcels from one edition to the next, and what the rules of quality
-- find, served by commune.

SET ROLE geosocle_owner;

-- A parcel of which only attributes change has a mutation too: which, what they were, what they are.
CREATE TABLE cadastre.mutations (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    edition_precedente date,
    nature text NOT NULL,
    parcelles_avant text,
    parcelles_apres text,
    surface_avant double precision,
    surface_apres double precision,
    attributs text,
    attributs_avant text,
    attributs_apres text,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.mutations IS 'Ce que sont devenues les parcelles d''une édition à la suivante ; déduit à la publication';
COMMENT ON COLUMN cadastre.mutations.id IS 'Identifiant de la mutation';
COMMENT ON COLUMN cadastre.mutations.unite IS 'Les jours comparés : du premier au dernier des éditions publiées ensemble';
COMMENT ON COLUMN cadastre.mutations.edition IS 'Jour de l''édition qui l''apporte';
COMMENT ON COLUMN cadastre.mutations.edition_precedente IS 'Jour de l''édition d''avant';
COMMENT ON COLUMN cadastre.mutations.nature IS 'création, suppression, division, réunion, modification, renumérotation, remaniement, attributs, fusion de communes';
COMMENT ON COLUMN cadastre.mutations.parcelles_avant IS 'Identifiants, séparés par des virgules';
COMMENT ON COLUMN cadastre.mutations.parcelles_apres IS 'Identifiants, séparés par des virgules';
COMMENT ON COLUMN cadastre.mutations.surface_avant IS 'Surface géométrique en m²';
COMMENT ON COLUMN cadastre.mutations.surface_apres IS 'Surface géométrique en m²';
COMMENT ON COLUMN cadastre.mutations.attributs IS 'Attributs qui changent seuls, séparés par des virgules : contenance, arpente';
COMMENT ON COLUMN cadastre.mutations.attributs_avant IS 'Leurs valeurs avant, dans le même ordre';
COMMENT ON COLUMN cadastre.mutations.attributs_apres IS 'Leurs valeurs après, dans le même ordre';
CALL etl.prepare('cadastre.mutations', 'mutations', ARRAY['base']);
CREATE INDEX ON cadastre.mutations (commune, edition);

CREATE TABLE cadastre.anomalies (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    feuille text,
    regle text NOT NULL,
    gravite text NOT NULL,
    couche text NOT NULL,
    objet text,
    message text NOT NULL,
    geom public.geometry(Point, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.anomalies IS 'Ce que les règles de qualité trouvent dans le plan ; remplacé avec sa feuille';
COMMENT ON COLUMN cadastre.anomalies.id IS 'Feuille, règle et rang : stable dans une édition seulement';
COMMENT ON COLUMN cadastre.anomalies.unite IS 'Feuille ou fichier qui l''a apportée';
COMMENT ON COLUMN cadastre.anomalies.edition IS 'Jour de l''édition jugée';
COMMENT ON COLUMN cadastre.anomalies.feuille IS 'Feuille qui porte l''anomalie, ou à qui elle manque ; vide pour toute la commune';
COMMENT ON COLUMN cadastre.anomalies.regle IS 'Nom de la règle, déclarée avec le jeu de données';
COMMENT ON COLUMN cadastre.anomalies.gravite IS 'bloquante, majeure, mineure';
COMMENT ON COLUMN cadastre.anomalies.couche IS 'Jeu de données de l''objet';
COMMENT ON COLUMN cadastre.anomalies.objet IS 'Identifiant de l''objet, s''il en a un';
COMMENT ON COLUMN cadastre.anomalies.message IS 'Ce qui ne va pas, et que faire';
CALL etl.prepare('cadastre.anomalies', 'anomalies', ARRAY['base']);
