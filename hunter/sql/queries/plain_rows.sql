-- The rows of a side table in some communes, as JSON.
SELECT to_jsonb(t) FROM {} AS t WHERE t.commune = ANY (%s)
