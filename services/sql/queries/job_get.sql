-- One job of the caller's.
SELECT * FROM jobs.get(%s)
