-- Give one of the caller's jobs up.
SELECT * FROM jobs.dismiss(%s)
