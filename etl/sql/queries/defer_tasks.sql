-- Put into the queue the tasks of a load that are not done and neither wait there nor run.
WITH due AS (
    UPDATE etl.tasks t SET deferred = deferred + 1
    WHERE t.delivery = %(delivery)s AND t.found IS NULL AND t.deferred <= %(lost)s
      AND NOT EXISTS (
        SELECT FROM procrastinate_jobs j
        WHERE j.queue_name = 'loads' AND j.status IN ('todo', 'doing') AND j.queueing_lock = 'load ' || t.id)
    RETURNING t.id
)
SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW('loads', 'geosocle:load', 0, 'load ' || id, 'load ' || id, jsonb_build_object('task', id), NULL)
        ::procrastinate_job_to_defer_v1 ORDER BY id))
FROM due HAVING count(*) > 0
