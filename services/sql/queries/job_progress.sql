-- Say how far a job is, unless it was given up or its asker has no longer the right.
UPDATE jobs.jobs SET progress = %s WHERE id = %s AND status = 'running' AND jobs.gives(key, holds)
