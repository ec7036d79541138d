-- What is valid now and what was, each until a day. Which days is asked from outside, by `valid`: with conditions in
-- here the indexes of the two tables would not give one order, and a page would sort the whole commune.
(SELECT {columns}, 'infinity'::date AS valide_au FROM {table} UNION ALL SELECT {columns}, valide_au FROM {past})
