-- How many objects other files than these serve in some communes, by file.
SELECT unite, count(DISTINCT objet) FROM {table}
WHERE commune = ANY(%s) AND unite <> ALL(%s) GROUP BY unite ORDER BY unite
