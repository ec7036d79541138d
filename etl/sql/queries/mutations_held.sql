-- The sheets that some days have renewed in communes, and those whose parcels they took: what they held is known.
SELECT unite FROM cadastre.feuilles_passe
WHERE commune = ANY(%(communes)s) AND edition < %(first)s AND valide_au BETWEEN %(first)s AND %(last)s
UNION
SELECT unite FROM cadastre.parcelles_passe
WHERE commune = ANY(%(communes)s) AND edition < %(first)s AND valide_au BETWEEN %(first)s AND %(last)s
