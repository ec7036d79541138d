-- What an organisation could see at any moment of a day, of every dataset or of one.
SELECT g.dataset, g.attribute_group AS "group", g.usage, g.agreement,
       (SELECT array_agg(DISTINCT c ORDER BY c) FROM unnest(array_agg(g.codes)) AS c) AS communes
FROM (SELECT o.*, unnest(o.communes) AS codes FROM access.given_on(%(day)s, %(organisation)s) AS o) AS g
WHERE %(dataset)s::text IS NULL OR g.dataset = %(dataset)s
GROUP BY g.dataset, g.attribute_group, g.usage, g.agreement
ORDER BY 1, 2, 3, 4
