-- Forget what was staged of a sheet or file.
DELETE FROM {stage} WHERE delivery = %s AND unite = %s
