-- What Etalab gives of a commune of which EDIGEO sheets are served, or come with it: left to them; return it.
DELETE FROM {stage} s
WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s AND NOT %(imposed)s AND s.unite LIKE 'etalab-%%'
  AND (EXISTS (SELECT FROM etl.published p
               WHERE p.kind = %(kind)s AND p.commune = %(commune)s AND p.unit NOT LIKE 'etalab-%%')
       OR EXISTS (SELECT FROM unnest(%(units)s::text[]) AS u (unit) WHERE u.unit NOT LIKE 'etalab-%%'))
RETURNING s.unite, s.id
