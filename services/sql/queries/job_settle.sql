-- End badly the jobs that the queue has given up: it alone brings back those of a dead worker.
UPDATE jobs.jobs j SET status = 'failed', finished = now(), message = %s
WHERE j.status IN ('accepted', 'running') AND NOT EXISTS (
    SELECT FROM queue.procrastinate_jobs q WHERE q.args ->> 'job' = j.id::text AND q.status IN ('todo', 'doing'))
