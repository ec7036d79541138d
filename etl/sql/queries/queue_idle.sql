-- Whether nobody is at any load's task.
SELECT NOT EXISTS (SELECT FROM queue.procrastinate_jobs j WHERE j.queue_name = 'loads' AND j.status = 'doing')
