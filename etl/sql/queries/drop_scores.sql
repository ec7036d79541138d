-- Forget the scores of what a commune no longer has.
DELETE FROM etl.scores s
WHERE s.commune = %(commune)s
  AND NOT EXISTS (SELECT FROM etl.published p WHERE p.kind = %(kind)s AND p.commune = s.commune AND p.unit = s.unit)
