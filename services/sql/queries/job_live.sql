-- The jobs that may have something on disk.
SELECT id FROM jobs.jobs WHERE status IN ('running', 'successful')
