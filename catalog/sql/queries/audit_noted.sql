-- Which line has a hash that was noted elsewhere: one that is there, or the last that a purge took off.
SELECT number FROM registre.lines WHERE hash = decode(%(hash)s, 'hex')
UNION ALL
SELECT (purged ->> 'last')::bigint FROM registre.lines WHERE kind = 'purge' AND purged ->> 'hash' = %(hash)s
LIMIT 1
