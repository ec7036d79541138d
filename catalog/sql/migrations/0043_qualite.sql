-- What the rules of quality find, served by commune; the score of what is served; geometries beside their repair.

SET ROLE geosocle_owner;

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
COMMENT ON COLUMN cadastre.anomalies.feuille IS 'Feuille qui porte l''anomalie, ou à qui elle manque ; vide pour toute la commune';
COMMENT ON COLUMN cadastre.anomalies.regle IS 'Nom de la règle, déclarée avec le jeu de données';
COMMENT ON COLUMN cadastre.anomalies.gravite IS 'bloquante, majeure, mineure';
COMMENT ON COLUMN cadastre.anomalies.couche IS 'Jeu de données de l''objet';
COMMENT ON COLUMN cadastre.anomalies.objet IS 'Identifiant de l''objet, s''il en a un';
COMMENT ON COLUMN cadastre.anomalies.message IS 'Ce qui ne va pas, et que faire';
CALL etl.prepare('cadastre.anomalies', 'anomalies', ARRAY['base']);
COMMENT ON TABLE cadastre.anomalies_passe IS 'Anomalies des éditions remplacées';

CREATE TABLE etl.scores (
    unit text NOT NULL,
    commune text NOT NULL,
    edition date NOT NULL,
    score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    objects integer NOT NULL,
    penalty double precision NOT NULL,
    PRIMARY KEY (commune, unit)
);
CREATE INDEX ON etl.scores (unit);
COMMENT ON TABLE etl.scores IS 'Note de ce qui est servi : une ligne par feuille, et une par commune (unit = commune)';
COMMENT ON COLUMN etl.scores.penalty IS 'Poids des anomalies ; note = 100 × objects / (objects + penalty)';

CREATE TABLE etl.reparations (
    delivery bigint NOT NULL REFERENCES etl.deliveries ON DELETE CASCADE,
    unit text NOT NULL,
    layer text NOT NULL,
    object text NOT NULL,
    fault text NOT NULL,
    area_before double precision NOT NULL,
    area_after double precision,
    original bytea NOT NULL,
    repaired bytea
);
CREATE INDEX ON etl.reparations (delivery, unit);
COMMENT ON TABLE etl.reparations IS 'Géométries fautives, telles que reçues et telles que réparées (WKB) ; sans réparation, l''objet est rejeté';

GRANT SELECT, INSERT, UPDATE, DELETE ON etl.scores, etl.reparations TO geosocle_loader;
GRANT SELECT ON etl.scores, etl.reparations TO geosocle_backup;
RESET ROLE;
