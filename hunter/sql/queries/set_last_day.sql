-- Move the last day of an agreement of the hunt's own, backwards or forwards.
UPDATE access.agreements SET last_day = %s WHERE id = %s
