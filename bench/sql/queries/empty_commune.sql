-- What a commune serves of its parcels leaves, before it comes anew.
DELETE FROM cadastre.parcelles WHERE commune = %s
