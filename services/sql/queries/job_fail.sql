-- End a job badly, unless it was begun anew.
UPDATE jobs.jobs SET status = 'failed', finished = now(), message = %(message)s
WHERE id = %(job)s AND attempt = %(attempt)s AND status = 'running'
