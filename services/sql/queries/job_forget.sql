-- Forget the jobs that ended long ago.
DELETE FROM jobs.jobs WHERE expires < now() - interval '90 days'
