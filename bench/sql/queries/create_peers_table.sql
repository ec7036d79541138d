-- A plain table for the peers, without rules and without our ready text.
CREATE EXTENSION postgis;
CREATE TABLE parcelles (
    id text, commune text, edition date, prefixe text, section text, numero text, contenance integer, arpente boolean,
    creation date, mise_a_jour date, geom geometry(MultiPolygon, 2154)
);
