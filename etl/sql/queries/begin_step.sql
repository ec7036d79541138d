-- A load begins a step, or takes it up again.
UPDATE etl.deliveries d
SET sources = %(sources)s, step = %(step)s, step_began = now(),
    stop_asked = CASE %(step)s WHEN 'lecture' THEN NULL ELSE d.stop_asked END,
    step_begun = CASE %(step)s WHEN 'lecture' THEN (SELECT count(*) FROM etl.units u WHERE u.delivery = d.id)
                 ELSE (SELECT count(DISTINCT unit) FROM etl.published p WHERE p.delivery = d.id) END
WHERE d.id = %(delivery)s
