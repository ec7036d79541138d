-- End a job badly.
UPDATE jobs.jobs SET status = 'failed', finished = now(), message = %s
WHERE id = %s AND status IN ('accepted', 'running')
