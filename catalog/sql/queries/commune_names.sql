-- The names of some communes, of those that the bank holds.
SELECT commune, nom FROM cadastre.communes WHERE commune = ANY (%s) AND nom IS NOT NULL
