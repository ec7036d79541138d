-- The kinds served that were joined to the parcels of some communes, and in how many of these.
SELECT kind, count(DISTINCT commune) FROM etl.published
WHERE kind = ANY(%s) AND commune = ANY(%s) GROUP BY kind ORDER BY kind
