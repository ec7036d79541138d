-- Say which agreement another one follows.
UPDATE access.agreements SET renews = %s WHERE id = %s
