-- Say how far a job is, unless it was given up or begun anew, or its asker has no longer the right.
UPDATE jobs.jobs SET progress = %(progress)s
WHERE id = %(job)s AND attempt = %(attempt)s AND status = 'running' AND jobs.gives(key, holds)
