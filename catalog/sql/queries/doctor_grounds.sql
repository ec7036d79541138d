-- Communes whose objects lie beyond the ground that is noted of them: their tiles would miss them.
SELECT s.dataset || ' à ' || s.commune || ' : des objets sont hors du terrain noté'
FROM access.statistics s
LEFT JOIN access.grounds g ON g.dataset = s.dataset AND g.commune = s.commune
WHERE s.objects > 0 AND s.dataset = ANY (%(datasets)s)
  AND (g.commune IS NULL OR NOT public.ST_Covers(public.ST_Envelope(g.ground), s.extent))
ORDER BY 1
