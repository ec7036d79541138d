-- The report of a load that has ended.
SELECT report FROM etl.deliveries WHERE id = %s
