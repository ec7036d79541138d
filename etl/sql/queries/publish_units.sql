-- What a delivery had staged is now served.
UPDATE etl.units SET status = 'published' WHERE delivery = %s AND status = 'staged'
