-- Set the last day of an agreement; before its first, it gives nothing on any day.
UPDATE access.agreements SET last_day = greatest(%s, first_day - 1), ended = now() WHERE id = %s
RETURNING first_day, last_day
