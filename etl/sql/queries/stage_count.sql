-- How many rows are staged of a sheet or file.
SELECT count(*) FROM {stage} WHERE delivery = %s AND unite = %s
