-- What the demonstration may find already there: organisations and agreements, by identifier.
SELECT id FROM access.organisations UNION ALL SELECT id FROM access.agreements
