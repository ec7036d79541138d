-- The agreements, all, of an organisation, or one, with what they give; days are Paris's.
SELECT a.id, a.organisation, a.purpose, a.first_day, a.last_day,
       CASE WHEN a.last_day < a.first_day THEN 'annulée'
            WHEN access.today() < a.first_day THEN 'à venir'
            WHEN access.today() > a.last_day THEN 'terminée' ELSE 'en cours' END AS state,
       a.document_sha256,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('dataset', r.dataset, 'group', r.attribute_group, 'usage', r.usage,
                                                     'communes', r.communes)
                                  ORDER BY r.dataset, r.attribute_group, r.usage), '[]')
        FROM access.rights r WHERE r.agreement = a.id) AS rights
FROM access.agreements a
WHERE (%(organisation)s::text IS NULL OR a.organisation = %(organisation)s)
  AND (%(id)s::text IS NULL OR a.id = %(id)s)
ORDER BY a.organisation, a.first_day, a.id
