-- Every place where the register's chain is broken: what was altered, taken out or put in.
WITH lines AS (
    SELECT l.number, l.previous, l.hash, registre.hash(l) AS computed,
           lag(l.number) OVER (ORDER BY l.number) AS before, lag(l.hash) OVER (ORDER BY l.number) AS expected
    FROM registre.lines l
), start AS (  -- the chain begins at zero, or after what was last purged
    SELECT coalesce(max((purged ->> 'last')::bigint), 0) AS number,
           coalesce((array_agg(decode(purged ->> 'hash', 'hex') ORDER BY number DESC))[1], decode(repeat('00', 32), 'hex'))
               AS hash
    FROM registre.lines WHERE kind = 'purge'
), chained AS (
    SELECT lines.*, coalesce(before, start.number) AS last, coalesce(expected, start.hash) AS wanted
    FROM lines CROSS JOIN start
), last AS (
    SELECT coalesce((SELECT max(number) FROM lines), start.number) AS number,
           coalesce((SELECT hash FROM lines ORDER BY number DESC LIMIT 1), start.hash) AS hash
    FROM start
)
SELECT number, 'altérée : ce qu''elle dit n''est plus ce qui fut écrit' FROM chained WHERE hash <> computed
UNION ALL
SELECT number, 'précédée d''un vide : ' || CASE number - last WHEN 2 THEN format('la ligne %%s manque', last + 1)
               ELSE format('les lignes %%s à %%s manquent', last + 1, number - 1) END
FROM chained WHERE number > last + 1
UNION ALL
SELECT number, 'insérée : la chaîne commence après elle' FROM chained WHERE number <= last
UNION ALL
SELECT number, format('ne suit pas la ligne %%s : l''une des deux fut réécrite ou insérée', last)
FROM chained WHERE number = last + 1 AND previous <> wanted
UNION ALL
SELECT last.number, CASE WHEN head.number > last.number
                         THEN format('dernière : les lignes %%s à %%s manquent', last.number + 1, head.number)
                         ELSE 'dernière : le registre disait finir autrement' END
FROM last LEFT JOIN registre.head ON true
WHERE (head.number, head.hash) IS DISTINCT FROM (last.number, last.hash)
ORDER BY 1, 2
