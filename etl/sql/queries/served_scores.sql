-- The score of what is served of a sheet or file, by commune; null where it was never held to the rules.
SELECT s.score FROM etl.published p LEFT JOIN etl.scores s ON s.unit = p.unit AND s.commune = p.commune
WHERE p.kind = %s AND p.unit = %s
