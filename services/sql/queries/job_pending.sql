-- How many of the caller's jobs wait or run.
SELECT jobs.pending()
