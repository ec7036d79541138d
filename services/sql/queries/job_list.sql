-- A page of the caller's jobs, newest first.
SELECT * FROM jobs.list(%s, %s)
