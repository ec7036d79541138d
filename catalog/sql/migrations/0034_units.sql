-- A sheet or file remembers which lot it came from and what reading it gave: a load that goes on after an interruption
-- gives the same report, and of two lots of one sheet the same one is kept, whichever was read first.

SET ROLE geosocle_owner;
ALTER TABLE etl.units ADD COLUMN file text NOT NULL DEFAULT '', ADD COLUMN report jsonb;
COMMENT ON COLUMN etl.units.file IS 'Lot d''où elle vient, dans la livraison';
COMMENT ON COLUMN etl.units.report IS 'Ce que sa lecture a donné, pour une reprise';
RESET ROLE;
