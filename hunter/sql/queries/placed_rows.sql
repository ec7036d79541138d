-- The objects of some communes: each row as JSON, and where it is.
SELECT to_jsonb(t) - 'geom' - 'feature', ST_AsBinary(t.geom) FROM {} AS t WHERE t.commune = ANY (%s)
