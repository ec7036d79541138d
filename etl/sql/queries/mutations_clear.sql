-- Forget what was found in a commune from one day on.
DELETE FROM cadastre.mutations WHERE commune = %(commune)s AND edition >= %(first)s
