-- Keep the scores of the sheets or files that a commune now has, as reading them gave.
INSERT INTO etl.scores (unit, commune, edition, score, objects, penalty)
SELECT u.unit, %(commune)s, u.edition, (q ->> 'note')::integer, (q ->> 'objets')::integer, (q ->> 'penalite')::double precision
FROM etl.units u, jsonb_extract_path(u.report, 'qualite') q
WHERE u.delivery = %(delivery)s AND u.unit = ANY(%(units)s) AND q ->> 'note' IS NOT NULL
ON CONFLICT (commune, unit) DO UPDATE
SET edition = EXCLUDED.edition, score = EXCLUDED.score, objects = EXCLUDED.objects, penalty = EXCLUDED.penalty
