-- Remove the jobs that a hunt asked for: their files go with the worker's next housekeeping.
DELETE FROM jobs.jobs WHERE organisation LIKE %(prefix)s
