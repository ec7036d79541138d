-- A token, by its SHA-256.
INSERT INTO access.tokens (sha256, organisation, label, administrator, expires)
VALUES (%s, %s, %s, %s, now() + make_interval(days => %s))
