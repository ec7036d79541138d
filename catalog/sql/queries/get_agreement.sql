-- A signed agreement as it was written; its row is locked, so that two changes do not cross.
SELECT organisation::text, purpose, first_day, last_day, document_sha256, terms,
       quota_features_day, quota_export_bytes_month, quota_requests_minute
FROM access.agreements WHERE id = %s FOR UPDATE
