-- The same rows as ours, less our ready text, in the same order.
COPY (
    SELECT id, commune, edition, prefixe, section, numero, contenance, arpente, creation, mise_a_jour, geom
    FROM cadastre.parcelles
    ORDER BY commune, id
) TO STDOUT (FORMAT binary)
