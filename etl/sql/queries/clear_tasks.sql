-- Forget the tasks of a load that has ended.
DELETE FROM etl.tasks WHERE delivery = %s
