-- A parcel by its section and number, as a town hall asks for it: in a town of 60,000, today or on a day, all were read.

SET ROLE geosocle_owner;
CREATE INDEX ON cadastre.parcelles (commune, section, numero);
CREATE INDEX ON cadastre.parcelles_passe (commune, section, numero, edition, valide_au);
RESET ROLE;
