-- As `versions`, near an area: what is served is found by its place alone, since the planner would rather read a whole index
-- for the few rows that it believes to be that old.
(SELECT * FROM (SELECT {columns}, 'infinity'::date AS valide_au FROM {table} WHERE geom && {area} OFFSET 0) here
 UNION ALL SELECT {columns}, valide_au FROM {past})
