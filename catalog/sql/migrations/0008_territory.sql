-- The communes that are held, and those that merge: which became which, on which day; what the plan calls them; which
-- agreements still name the old.

SET ROLE geosocle_owner;
CREATE SCHEMA admin;
GRANT USAGE ON SCHEMA admin TO geosocle_loader, geosocle_backup;

CREATE TABLE admin.limites (
    commune text PRIMARY KEY,
    geom public.geometry(MultiPolygon, 2154) NOT NULL
);
CREATE INDEX ON admin.limites USING gist (geom);
COMMENT ON TABLE admin.limites IS 'Partition de référence : les communes tenues, sans vide ni recouvrement';
GRANT SELECT, INSERT, UPDATE, DELETE ON admin.limites TO geosocle_loader;
GRANT SELECT ON admin.limites TO geosocle_backup;

CREATE TABLE admin.fusions (
    ancienne access.code_insee PRIMARY KEY,
    nouvelle access.code_insee NOT NULL CHECK (nouvelle <> ancienne),
    jour date NOT NULL
);
CREATE INDEX ON admin.fusions (nouvelle);
COMMENT ON TABLE admin.fusions IS 'Communes fusionnées : chaque ancien code garde son histoire';
COMMENT ON COLUMN admin.fusions.ancienne IS 'Code INSEE qui cesse';
COMMENT ON COLUMN admin.fusions.nouvelle IS 'Code INSEE qui continue ; il peut être celui d''une commune d''avant';
COMMENT ON COLUMN admin.fusions.jour IS 'Premier jour de la commune nouvelle';
GRANT SELECT ON admin.fusions TO geosocle_loader, geosocle_backup;

-- What a sheet, a section or a parcel of a merged commune is called in the new one: the prefix is the old commune's.
CREATE FUNCTION admin.successor(id text, nouvelle text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    RETURN nouvelle || CASE substr(id, 6, 3) WHEN '000' THEN substr(id, 3, 3) ELSE substr(id, 6, 3) END || substr(id, 9);
GRANT EXECUTE ON FUNCTION admin.successor(text, text) TO geosocle_loader;

-- The agreements, over or not begun left out, that name a merged commune; `suivie` where all that they give of it they
-- give of the new one too. Nothing follows by itself: an agreement says what it says until it is amended.
CREATE VIEW access.merged_agreements WITH (security_invoker = true) AS
SELECT a.id AS agreement, a.organisation, f.ancienne, f.nouvelle, f.jour, bool_and(f.nouvelle = ANY (r.communes)) AS suivie
FROM admin.fusions f
JOIN access.rights r ON f.ancienne = ANY (r.communes)
JOIN access.agreements a ON a.id = r.agreement
WHERE a.last_day >= access.today() AND a.last_day >= a.first_day
GROUP BY a.id, f.ancienne
ORDER BY a.organisation, a.id, f.ancienne;
COMMENT ON VIEW access.merged_agreements IS 'Conventions qui nomment une commune fusionnée : à amender tant que « suivie » est faux';
