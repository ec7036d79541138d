-- What an amendment changes of an agreement, but its rights and quotas. Returns its last day where it had been ended.
UPDATE access.agreements a SET purpose = %s, last_day = %s, document_sha256 = %s, ended = NULL
FROM access.agreements before WHERE a.id = %s AND before.id = a.id
RETURNING CASE WHEN before.ended IS NOT NULL THEN before.last_day END
