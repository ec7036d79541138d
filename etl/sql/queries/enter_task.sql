-- Write a task of a load down, unless an earlier run has; its number.
INSERT INTO etl.tasks (delivery, step, name, task) VALUES (%s, %s, %s, %s)
ON CONFLICT (delivery, step, name) DO UPDATE SET task = EXCLUDED.task, deferred = 0
RETURNING id
