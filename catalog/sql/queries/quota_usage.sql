-- What running agreements, or one, have given of each of their quotas in the period of this moment.
SELECT a.id, a.organisation, m.measure, m.quota,
       CASE WHEN c.period = p.began THEN c.used ELSE 0 END AS used,
       greatest(m.quota - CASE WHEN c.period = p.began THEN c.used ELSE 0 END, 0) AS remaining,
       to_char(p.turns AT TIME ZONE 'Europe/Paris', 'YYYY-MM-DD HH24:MI') AS turns
FROM access.agreements a
CROSS JOIN LATERAL (VALUES (1, 'features_day', a.quota_features_day), (2, 'export_bytes_month', a.quota_export_bytes_month),
                           (3, 'requests_minute', a.quota_requests_minute)) AS m (place, measure, quota)
CROSS JOIN LATERAL registre.period_of(m.measure, clock_timestamp()) AS p
LEFT JOIN registre.counters c ON c.agreement = a.id AND c.measure = m.measure
WHERE m.quota IS NOT NULL
  AND CASE WHEN %(id)s::text IS NULL THEN access.today() BETWEEN a.first_day AND a.last_day ELSE a.id = %(id)s END
ORDER BY a.organisation, a.id, m.place
