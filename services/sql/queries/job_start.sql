-- Take a job, from an earlier attempt if there is one, unless it was given up meanwhile.
UPDATE jobs.jobs SET status = 'running', progress = 0, started = now(), message = '', attempt = %(attempt)s
WHERE id = %(job)s AND status IN ('accepted', 'running')
RETURNING key, process, inputs
