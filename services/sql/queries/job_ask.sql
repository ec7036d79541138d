-- Ask for a job as the caller of this transaction; NULL for one that may not.
SELECT jobs.defer(%s, %s, %s)
