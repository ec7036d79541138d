-- The kinds served that were cut along the reference partition.
SELECT DISTINCT kind FROM etl.published WHERE kind = ANY(%s) ORDER BY kind
