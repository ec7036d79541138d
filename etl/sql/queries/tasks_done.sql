-- What is done of some tasks.
SELECT id, step, found FROM etl.tasks WHERE id = ANY(%s) AND found IS NOT NULL ORDER BY id
