-- Take a job, unless it was given up meanwhile.
UPDATE jobs.jobs SET status = 'running', progress = 0, started = now(), message = ''
WHERE id = %s AND status IN ('accepted', 'running')
RETURNING key, process, inputs
