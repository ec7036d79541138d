-- Revoke a token, found by its SHA-256 or by its identifier.
UPDATE access.tokens SET revoked = now()
WHERE revoked IS NULL AND (sha256 = %(key)s OR id = %(id)s::uuid)
