-- Forget what was staged for a commune: of some sheets or files, or of all.
DELETE FROM {stage} WHERE delivery = %(delivery)s AND commune = %(commune)s AND (%(units)s::text[] IS NULL OR unite = ANY(%(units)s))
