-- The communes that merged into one.
SELECT ancienne FROM admin.fusions WHERE nouvelle = %(commune)s ORDER BY ancienne
