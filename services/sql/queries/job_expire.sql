-- Give up the jobs whose day, token or rights have ended.
UPDATE jobs.jobs SET status = 'dismissed', finished = coalesce(finished, now())
WHERE status <> 'dismissed' AND NOT jobs.gives(key, holds)
