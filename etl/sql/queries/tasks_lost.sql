-- Which of some tasks have gone from the queue too often without an answer.
SELECT id FROM etl.tasks t
WHERE id = ANY(%(tasks)s) AND found IS NULL AND deferred > %(lost)s
  AND NOT EXISTS (
    SELECT FROM queue.procrastinate_jobs j
    WHERE j.queue_name = 'loads' AND j.status IN ('todo', 'doing') AND j.queueing_lock = 'load ' || t.id)
