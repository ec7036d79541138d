-- End a job well, if it was not begun anew and its asker still has the right to all that its file holds.
UPDATE jobs.jobs
SET status = 'successful', progress = 100, finished = now(),
    file = %(file)s, media_type = %(media_type)s, size = %(size)s, holds = %(holds)s
WHERE id = %(job)s AND attempt = %(attempt)s AND status = 'running' AND jobs.gives(key, %(holds)s)
