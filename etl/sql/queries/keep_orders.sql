-- What the readers of other machines must know of a load.
UPDATE etl.deliveries SET orders = %s WHERE id = %s
