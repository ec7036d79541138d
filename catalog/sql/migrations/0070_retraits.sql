-- A parcel that left with its sheet is told from one that a correction of the same edition took away.

SET ROLE geosocle_owner;
ALTER TABLE cadastre.parcelles_passe ADD COLUMN retiree_le timestamptz;
COMMENT ON COLUMN cadastre.parcelles_passe.retiree_le IS
    'Quand elle est partie avec sa feuille, qu''une livraison entière n''avait plus ; sinon vide';
RESET ROLE;
