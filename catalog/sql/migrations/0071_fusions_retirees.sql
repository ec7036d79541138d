-- A merger that was said by mistake is taken back, and it is kept that it was said.

SET ROLE geosocle_owner;
ALTER TABLE admin.fusions ADD COLUMN dite_le timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN admin.fusions.dite_le IS 'Quand l''administrateur l''a dite';

CREATE TABLE admin.fusions_retirees (
    ancienne access.code_insee NOT NULL,
    nouvelle access.code_insee NOT NULL,
    jour date NOT NULL,
    dite_le timestamptz NOT NULL,
    retiree_le timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE admin.fusions_retirees IS 'Fusions dites par erreur, puis retirées';
COMMENT ON COLUMN admin.fusions_retirees.ancienne IS 'Code INSEE qui aurait cessé';
COMMENT ON COLUMN admin.fusions_retirees.nouvelle IS 'Code INSEE qui aurait continué';
COMMENT ON COLUMN admin.fusions_retirees.jour IS 'Premier jour qui était dit';
COMMENT ON COLUMN admin.fusions_retirees.dite_le IS 'Quand l''administrateur l''avait dite';
COMMENT ON COLUMN admin.fusions_retirees.retiree_le IS 'Quand il l''a retirée';
GRANT DELETE ON admin.fusions TO geosocle_loader;
GRANT SELECT, INSERT ON admin.fusions_retirees TO geosocle_loader;
GRANT SELECT ON admin.fusions_retirees TO geosocle_backup;
RESET ROLE;
