-- The agreements that name some merged communes and do not give as much of the new one.
SELECT agreement, organisation, ancienne, nouvelle FROM access.merged_agreements
WHERE NOT suivie AND ancienne = ANY(%s)
