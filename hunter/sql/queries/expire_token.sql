-- Let a token of the hunt's own expire now.
UPDATE access.tokens SET expires = now() WHERE sha256 = %s
