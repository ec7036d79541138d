-- A load that goes on without its terminal is stopped by asking it to.

SET ROLE geosocle_owner;
ALTER TABLE etl.deliveries ADD COLUMN stop_asked timestamptz;
COMMENT ON COLUMN etl.deliveries.stop_asked IS 'Quand l''arrêt de ce chargement a été demandé ; vide dès qu''il reprend';
RESET ROLE;
