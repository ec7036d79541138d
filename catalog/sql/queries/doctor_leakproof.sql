-- The box operator's function, where it is not LEAKPROOF: the spatial index is then not used under the policies.
SELECT p.oid::regprocedure || ' : pas LEAKPROOF'
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'geometry_overlaps' AND NOT p.proleakproof
ORDER BY 1
