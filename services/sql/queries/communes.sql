-- The communes of the caller's, in their order: all of them are walked.
SELECT commune
FROM unnest(access.visible_communes({dataset}, 'base')) AS visible (commune)
WHERE commune >= {first}
ORDER BY commune
