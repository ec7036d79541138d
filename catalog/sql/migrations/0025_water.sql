-- Drinking water. A pipe that crosses communes is one row a piece: id `<objet>.<commune>`.

SET ROLE geosocle_owner;
CREATE SCHEMA reseaux;
GRANT USAGE ON SCHEMA reseaux TO geosocle_loader, geosocle_reader, geosocle_backup;

CREATE TABLE reseaux.canalisations_eau (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    objet text NOT NULL,
    type_reseau text,
    etat_service text,
    maitre_ouvrage text,
    exploitant text,
    geom public.geometry(MultiLineString, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE reseaux.canalisations_eau IS 'Canalisations d''eau potable, coupées par commune';

CREATE TABLE reseaux.canalisations_eau_technical (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    materiau text,
    diametre_equivalent integer,
    an_pose integer,
    feature text NOT NULL
);
COMMENT ON TABLE reseaux.canalisations_eau_technical IS 'Canalisations d''eau potable : matériau, diamètre (mm), année de pose';

CALL etl.prepare('reseaux.canalisations_eau', 'canalisations_eau', ARRAY['base', 'technical']);
