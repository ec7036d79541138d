-- PostGIS functions that are LEAKPROOF without reason: their errors would print hidden rows.
SELECT p.oid::regprocedure || ' : LEAKPROOF'
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proleakproof AND p.proname <> 'geometry_overlaps'
ORDER BY 1
