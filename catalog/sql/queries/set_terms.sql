-- Keep how the rights of an agreement were written.
UPDATE access.agreements SET terms = %s WHERE id = %s
