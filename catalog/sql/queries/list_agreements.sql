-- The agreements and drafts, all, of an organisation, or one, with what they give; days are Paris's.
SELECT a.id, a.organisation, a.purpose, a.first_day, a.last_day,
       CASE WHEN a.last_day < a.first_day THEN 'annulée'
            WHEN access.today() < a.first_day THEN 'à venir'
            WHEN access.today() > a.last_day THEN 'terminée' ELSE 'en cours' END AS state,
       a.document_sha256, access.rights_of(a.id) AS rights, a.terms, a.renews,
       jsonb_strip_nulls(jsonb_build_object('features_day', a.quota_features_day,
           'export_bytes_month', a.quota_export_bytes_month, 'requests_minute', a.quota_requests_minute)) AS quotas
FROM access.agreements a
WHERE (%(organisation)s::text IS NULL OR a.organisation = %(organisation)s)
  AND (%(id)s::text IS NULL OR a.id = %(id)s)
UNION ALL
SELECT d.id, d.organisation, d.content ->> 'purpose', (d.content ->> 'first_day')::date,
       (d.content ->> 'last_day')::date, 'brouillon', NULL, '[]', d.content -> 'rights', NULL, d.content -> 'quotas'
FROM access.drafts d
WHERE (%(organisation)s::text IS NULL OR d.organisation = %(organisation)s)
  AND (%(id)s::text IS NULL OR d.id = %(id)s)
ORDER BY organisation, first_day, id
