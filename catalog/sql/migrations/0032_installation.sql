-- The installation's system of coordinates, written once: 2154 stands for it in every script.
SET ROLE geosocle_owner;
CREATE TABLE migrations.installation (
    srid integer PRIMARY KEY,
    seule boolean NOT NULL DEFAULT true UNIQUE CHECK (seule)
);
COMMENT ON TABLE migrations.installation IS 'Le système de coordonnées de l''installation : une ligne, qui ne change jamais';
COMMENT ON COLUMN migrations.installation.srid IS 'Code EPSG dans lequel tout est conservé (GEOSOCLE_SRID)';
COMMENT ON COLUMN migrations.installation.seule IS 'Vrai : il n''y a qu''une ligne';
INSERT INTO migrations.installation (srid) VALUES (2154);
GRANT SELECT ON migrations.installation TO geosocle_backup;
RESET ROLE;
