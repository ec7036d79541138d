-- Forget the geometries kept of a sheet or file.
DELETE FROM etl.reparations WHERE delivery = %s AND unit = %s
