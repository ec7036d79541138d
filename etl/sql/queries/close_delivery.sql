-- End a delivery with its report.
UPDATE etl.deliveries SET status = %s, report = %s WHERE id = %s
