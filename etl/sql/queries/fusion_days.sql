-- The days on which sheets of a merged commune have left since.
SELECT DISTINCT valide_au FROM cadastre.parcelles_passe WHERE commune = %(old)s AND retiree_le >= %(told)s
