-- Who may use the queue: the worker; and for those who ask, a function of `jobs` that only adds to it.
GRANT USAGE ON SCHEMA queue TO geosocle_worker, geosocle_jobs, geosocle_backup;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO geosocle_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO geosocle_worker, geosocle_jobs;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA queue FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA queue TO geosocle_worker;
GRANT EXECUTE ON FUNCTION queue.procrastinate_defer_jobs_v1(queue.procrastinate_job_to_defer_v1[]) TO geosocle_jobs;
GRANT INSERT, SELECT (id) ON queue.procrastinate_jobs TO geosocle_jobs;
GRANT INSERT ON queue.procrastinate_events TO geosocle_jobs;
GRANT SELECT ON ALL TABLES IN SCHEMA queue TO geosocle_backup;
RESET ROLE;
