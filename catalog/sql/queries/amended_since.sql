-- The agreements that were amended after a moment and give something of a commune.
SELECT v.agreement, v.organisation FROM access.versions v
WHERE v.until IS NULL AND v.version > 1 AND v.since >= %(told)s
  AND EXISTS (SELECT FROM jsonb_array_elements(v.rights) r WHERE r -> 'communes' ? %(new)s)
ORDER BY v.organisation, v.agreement
