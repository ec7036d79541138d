-- What a task has found.
UPDATE etl.tasks SET found = %s WHERE id = %s AND found IS NULL
