-- The rights of an organisation on a day, its own and the public's, one a commune, as agreements stand now.
SELECT DISTINCT r.dataset, r.attribute_group, r.usage::text, c.commune::text
FROM access.rights r JOIN access.agreements a ON a.id = r.agreement CROSS JOIN LATERAL unnest(r.communes) AS c (commune)
WHERE a.organisation IN (%(organisation)s, 'public') AND %(day)s BETWEEN a.first_day AND a.last_day
