-- A task of a load under way that is not done.
SELECT t.step, t.task, d.id, d.kind, d.orders
FROM etl.tasks t JOIN etl.deliveries d ON d.id = t.delivery
WHERE t.id = %s AND t.found IS NULL AND d.status = 'reading'
