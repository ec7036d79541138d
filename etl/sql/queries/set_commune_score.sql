-- Keep the score of a commune as a whole.
INSERT INTO etl.scores (unit, commune, edition, score, objects, penalty)
VALUES (%(commune)s, %(commune)s, %(edition)s, %(score)s, %(objects)s, %(penalty)s)
ON CONFLICT (commune, unit) DO UPDATE
SET edition = EXCLUDED.edition, score = EXCLUDED.score, objects = EXCLUDED.objects, penalty = EXCLUDED.penalty
