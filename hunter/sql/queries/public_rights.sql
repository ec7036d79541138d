-- The public's agreements with all that they give: [[dataset, group, usage, communes], …].
SELECT a.id, a.first_day, a.last_day,
       jsonb_agg(jsonb_build_array(r.dataset, r.attribute_group, r.usage, r.communes))
FROM access.agreements AS a JOIN access.rights AS r ON r.agreement = a.id
WHERE a.organisation = 'public'
GROUP BY a.id
