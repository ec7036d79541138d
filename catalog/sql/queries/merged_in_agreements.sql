-- The merged communes that some agreements name without giving as much of the new one.
SELECT agreement::text, ancienne::text, nouvelle::text FROM access.merged_agreements
WHERE NOT suivie AND agreement = ANY(%s) ORDER BY agreement, ancienne
