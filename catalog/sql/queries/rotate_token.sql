-- A new token like one that is still good, by its SHA-256, for as many days; the old one dies now or after a grace.
WITH old AS (
    SELECT * FROM access.tokens
    WHERE (sha256 = %(key)s OR id = %(id)s::uuid) AND revoked IS NULL AND expires > now()
), ended AS (
    UPDATE access.tokens t
    SET revoked = CASE WHEN %(grace)s = 0 THEN now() END,
        expires = least(t.expires, CASE WHEN %(grace)s > 0 THEN now() + make_interval(hours => %(grace)s) ELSE t.expires END)
    FROM old WHERE t.id = old.id
)
INSERT INTO access.tokens (sha256, organisation, label, administrator, expires)
SELECT %(new)s, organisation, label, administrator, now() + (expires - issued) FROM old
RETURNING organisation
