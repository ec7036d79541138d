-- Count, extent and newest edition of what the caller may see of each dataset, by any usage or by this one.
SELECT dataset, s.objects, ST_XMin(s.extent), ST_YMin(s.extent), ST_XMax(s.extent), ST_YMax(s.extent), s.edition
FROM unnest(%(datasets)s::text[]) AS asked (dataset)
CROSS JOIN LATERAL access.visible_statistics(dataset, %(any_usage)s) s
