-- Attributes staged for objects that are no longer.
DELETE FROM {side} s
WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s
  AND NOT EXISTS (SELECT FROM {stage} b WHERE b.delivery = s.delivery AND b.commune = s.commune AND b.id = s.id)
