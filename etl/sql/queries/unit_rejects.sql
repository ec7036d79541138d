-- Why objects of a sheet or file were not loaded.
SELECT layer, object, reason FROM etl.rejects WHERE delivery = %s AND unit = %s ORDER BY layer, object
