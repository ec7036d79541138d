-- What reading a sheet or file of a delivery gave.
SELECT report FROM etl.units WHERE delivery = %s AND unit = %s
