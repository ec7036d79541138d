-- Functions that change tenant or show whole tables, where the reader may still call them.
SELECT p.oid::regprocedure || ' : ouverte aux lecteurs'
FROM pg_proc p
WHERE has_function_privilege(%(reader)s::name, p.oid, 'EXECUTE')
  AND (p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = 'set_config'
       OR p.pronamespace = 'public'::regnamespace AND p.proname IN
          ('st_estimatedextent', '_postgis_stats', '_postgis_selectivity', '_postgis_join_selectivity'))
ORDER BY 1
