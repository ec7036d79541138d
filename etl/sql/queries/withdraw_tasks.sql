-- Take out of the queue what nobody has begun of a load.
DELETE FROM procrastinate_jobs j USING etl.tasks t
WHERE t.delivery = %s AND j.queue_name = 'loads' AND j.status = 'todo' AND j.queueing_lock = 'load ' || t.id
