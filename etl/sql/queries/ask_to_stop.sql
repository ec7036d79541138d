-- Ask a load to stop.
UPDATE etl.deliveries SET stop_asked = now() WHERE id = %(delivery)s AND status = 'reading'
