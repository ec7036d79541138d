-- Receive the invented parcels, as a delivery's are.
COPY staging.parcelles (id, commune, prefixe, section, numero, contenance, geom, unite, edition, arpente, delivery) FROM STDIN
