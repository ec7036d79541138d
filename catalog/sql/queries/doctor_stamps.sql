-- Published tables in which something may be written without the shared tiles of its communes being made anew.
SELECT e.name || ' : ce qui y est écrit ne renouvelle pas les tuiles partagées'
FROM unnest(%(tables)s::text[], %(datasets)s::text[]) AS e (name, dataset)
WHERE e.name NOT LIKE '%%\_passe'
  AND (SELECT count(*) FROM pg_trigger t
       WHERE t.tgrelid = to_regclass(e.name) AND t.tgfoid = to_regproc('access.restamp') AND t.tgenabled IN ('O', 'A')
         AND t.tgargs = convert_to(e.dataset, 'UTF8') || '\x00') < 5
ORDER BY 1
