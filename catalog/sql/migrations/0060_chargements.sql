-- A load under way says how far it is: how many sources it has, and at which step it is since when.

SET ROLE geosocle_owner;
ALTER TABLE etl.deliveries
    ADD COLUMN sources integer, ADD COLUMN step text, ADD COLUMN step_began timestamptz, ADD COLUMN step_begun integer;
COMMENT ON COLUMN etl.deliveries.sources IS 'Archives, dossiers ou fichiers que la livraison apporte';
COMMENT ON COLUMN etl.deliveries.step IS 'Étape du chargement : lecture, puis publication';
COMMENT ON COLUMN etl.deliveries.step_began IS 'Quand cette étape a commencé, ou repris';
COMMENT ON COLUMN etl.deliveries.step_begun IS 'Feuilles ou fichiers déjà faits à ce moment, par un chargement interrompu';
RESET ROLE;
