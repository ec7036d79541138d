-- Aerial images: the footprint of each, one row a commune; `fichier` is the image's file and is never served.

SET ROLE geosocle_owner;
CREATE SCHEMA imagerie;
GRANT USAGE ON SCHEMA imagerie TO geosocle_loader, geosocle_reader, geosocle_backup;

CREATE TABLE imagerie.orthophotos (
    id text PRIMARY KEY,
    commune text NOT NULL,
    unite text NOT NULL,
    edition date NOT NULL,
    objet text NOT NULL,
    nom text,
    resolution double precision,
    fichier text NOT NULL,
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE imagerie.orthophotos IS 'Orthophotographies : emprises coupées par commune ; résolution en mètres';

CALL etl.prepare('imagerie.orthophotos', 'orthophotos', ARRAY['base']);
