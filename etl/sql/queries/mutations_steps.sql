-- The days compared so far in a commune, from one day on.
SELECT DISTINCT unite FROM cadastre.mutations WHERE commune = %(commune)s AND edition >= %(first)s
