-- Whether a load has been asked to stop.
SELECT stop_asked IS NOT NULL FROM etl.deliveries WHERE id = %s
