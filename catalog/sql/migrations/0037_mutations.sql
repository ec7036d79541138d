-- What became of the parcels from one edition to the next; and an index that finds what ended after a day.

SET ROLE geosocle_owner;

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
    geom public.geometry(MultiPolygon, 2154) NOT NULL,
    feature text NOT NULL
);
COMMENT ON TABLE cadastre.mutations IS 'Ce que sont devenues les parcelles d''une édition à la suivante ; déduit à la publication';
COMMENT ON COLUMN cadastre.mutations.unite IS 'Les jours comparés : du premier au dernier des éditions publiées ensemble';
COMMENT ON COLUMN cadastre.mutations.nature IS 'création, suppression, division, réunion, modification, renumérotation, remaniement, fusion de communes';
COMMENT ON COLUMN cadastre.mutations.parcelles_avant IS 'Identifiants, séparés par des virgules';
COMMENT ON COLUMN cadastre.mutations.parcelles_apres IS 'Identifiants, séparés par des virgules';
COMMENT ON COLUMN cadastre.mutations.surface_avant IS 'Surface géométrique en m²';
COMMENT ON COLUMN cadastre.mutations.surface_apres IS 'Surface géométrique en m²';
CALL etl.prepare('cadastre.mutations', 'mutations', ARRAY['base']);
CREATE INDEX ON cadastre.mutations (commune, edition);

-- A publication asks what of a commune's past reaches beyond its own edition: next to nothing, and found at once.
DO $$
DECLARE
    past regclass;
BEGIN
    FOR past IN
        SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'valide_au'
        WHERE c.relkind = 'r' AND c.relname LIKE '%\_passe' AND pg_has_role(c.relowner, 'MEMBER')
    LOOP
        EXECUTE format('CREATE INDEX ON %s (commune, valide_au)', past);
    END LOOP;
END
$$;
RESET ROLE;
