-- Forget the rejects of a sheet or file that is staged again.
DELETE FROM etl.rejects WHERE delivery = %s AND unit = %s
