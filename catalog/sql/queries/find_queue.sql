-- Whether the queue is installed.
SELECT to_regclass('queue.procrastinate_jobs') IS NOT NULL
