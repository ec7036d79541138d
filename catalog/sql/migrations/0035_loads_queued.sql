-- Loads that several machines share: what each step is, and what it found once done. The queue learns its number alone:
-- who may write there can have nothing read but what a load under way asks for.

SET ROLE geosocle_owner;
ALTER TABLE etl.deliveries ADD COLUMN orders jsonb;
COMMENT ON COLUMN etl.deliveries.orders IS 'Ce que les lecteurs d''autres machines doivent savoir, le temps du chargement';

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
GRANT SELECT, INSERT, UPDATE, DELETE ON etl.tasks TO geosocle_loader;
GRANT SELECT ON etl.tasks TO geosocle_backup;
RESET ROLE;
