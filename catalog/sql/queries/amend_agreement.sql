-- What an amendment changes of an agreement, but its rights and quotas.
UPDATE access.agreements SET purpose = %s, last_day = %s, document_sha256 = %s, ended = NULL WHERE id = %s
