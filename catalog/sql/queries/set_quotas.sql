-- The quotas of an agreement; NULL is none.
UPDATE access.agreements SET (quota_features_day, quota_export_bytes_month, quota_requests_minute) = (%s, %s, %s)
WHERE id = %s
