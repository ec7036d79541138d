-- Every right that agreements of an organisation, or of the public, ever gave on a dataset, and their days.
SELECT a.id::text, a.organisation::text, a.first_day, a.last_day, r.attribute_group, r.usage::text, r.communes::text[]
FROM access.rights r JOIN access.agreements a ON a.id = r.agreement
WHERE a.organisation IN (%(organisation)s, 'public') AND r.dataset = %(dataset)s
ORDER BY a.organisation, a.id, r.attribute_group, r.usage
