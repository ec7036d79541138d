-- The first day of the period that follows an agreement; NULL where there is none.
SELECT min(first_day) FROM access.agreements WHERE renews = %s
