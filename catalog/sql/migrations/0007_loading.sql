-- Deliveries, from what was received to what is served: their units, their steps, what was refused or repaired.

SET ROLE geosocle_owner;
CREATE SCHEMA etl;
CREATE SCHEMA staging;

CREATE TABLE etl.deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    status text NOT NULL DEFAULT 'reading' CHECK (status IN ('reading', 'staged', 'published', 'refused')),
    sources integer,
    step text,
    step_began timestamptz,
    step_begun integer,
    orders jsonb,
    report jsonb
);
CREATE INDEX ON etl.deliveries (kind, sha256);
COMMENT ON TABLE etl.deliveries IS 'Livraisons reçues, avec le compte rendu de leur chargement';
COMMENT ON COLUMN etl.deliveries.sources IS 'Archives, dossiers ou fichiers que la livraison apporte';
COMMENT ON COLUMN etl.deliveries.step IS 'Étape du chargement : lecture, puis publication';
COMMENT ON COLUMN etl.deliveries.step_began IS 'Quand cette étape a commencé, ou repris';
COMMENT ON COLUMN etl.deliveries.step_begun IS 'Feuilles ou fichiers déjà faits à ce moment, par un chargement interrompu';
COMMENT ON COLUMN etl.deliveries.orders IS 'Ce que les lecteurs d''autres machines doivent savoir, le temps du chargement';

-- A sheet or file remembers which lot it came from and what reading it gave: a load that goes on after an interruption
-- gives the same report, and of two lots of one sheet the same one is kept, whichever was read first.
CREATE TABLE etl.units (
    delivery bigint NOT NULL REFERENCES etl.deliveries ON DELETE CASCADE,
    unit text NOT NULL,
    file text NOT NULL DEFAULT '',
    commune text,
    edition date,
    sha256 text NOT NULL,
    status text NOT NULL,
    objects integer NOT NULL DEFAULT 0,
    report jsonb,
    PRIMARY KEY (delivery, unit)
);
COMMENT ON TABLE etl.units IS 'Feuilles ou fichiers d''une livraison';
COMMENT ON COLUMN etl.units.file IS 'Lot d''où elle vient, dans la livraison';
COMMENT ON COLUMN etl.units.report IS 'Ce que sa lecture a donné, pour une reprise';

CREATE TABLE etl.published (
    kind text NOT NULL,
    unit text NOT NULL,
    commune text NOT NULL,
    edition date NOT NULL,
    sha256 text NOT NULL,
    delivery bigint NOT NULL REFERENCES etl.deliveries,
    PRIMARY KEY (kind, unit, commune)
);
COMMENT ON TABLE etl.published IS 'Ce qui est servi : l''édition de chaque feuille ou fichier';

-- Loads that several machines share: what each step is, and what it found once done. The queue learns its number alone:
-- who may write there can have nothing read but what a load under way asks for.
CREATE TABLE etl.tasks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery bigint NOT NULL REFERENCES etl.deliveries ON DELETE CASCADE,
    step text NOT NULL,
    name text NOT NULL,
    task jsonb NOT NULL,
    deferred integer NOT NULL DEFAULT 0,
    found jsonb,
    UNIQUE (delivery, step, name)
);
COMMENT ON TABLE etl.tasks IS 'Étapes d''un chargement partagé entre plusieurs machines, le temps qu''il dure';
COMMENT ON COLUMN etl.tasks.step IS 'take (lire une source) ou publish (publier une commune)';
COMMENT ON COLUMN etl.tasks.name IS 'Chemin de la source, ou commune';
COMMENT ON COLUMN etl.tasks.deferred IS 'Combien de fois elle a été mise dans la file';
COMMENT ON COLUMN etl.tasks.found IS 'Ce qu''elle a trouvé ; NULL tant qu''elle n''est pas faite';

CREATE TABLE etl.rejects (
    delivery bigint NOT NULL REFERENCES etl.deliveries ON DELETE CASCADE,
    unit text NOT NULL,
    layer text NOT NULL,
    object text,
    reason text NOT NULL
);
CREATE INDEX ON etl.rejects (delivery);
COMMENT ON TABLE etl.rejects IS 'Objets rejetés, avec la raison';

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

GRANT USAGE ON SCHEMA etl TO geosocle_loader, geosocle_backup;
GRANT USAGE ON SCHEMA staging TO geosocle_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA etl TO geosocle_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA etl TO geosocle_backup;
