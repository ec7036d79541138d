-- Who a key is, with the groups and usages that it has today, and which of them are under a quota; no row for a bad
-- credential. Whoever signed in by an
-- OpenID provider has an identity where others have a token.
SELECT a.organisation, a.name, coalesce(a.token, i.identity), a.administrator OR coalesce(i.administrator, false),
       a.profile, access.quotas_of(%(key)s)
FROM access.authenticate(%(key)s) a LEFT JOIN access.identity_of(%(key)s) i ON a.token IS NULL
