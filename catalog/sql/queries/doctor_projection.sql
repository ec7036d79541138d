-- Origins of Lambert-93 and CC47, which must fall where their definitions say, without any grid of PROJ.
SELECT format('EPSG:%%s : l''origine tombe en %%s', srid, public.ST_AsText(found, 9))
FROM (VALUES (2154, 700000, 6600000, 3.0, 46.5), (3947, 1700000, 6200000, 3.0, 47.0)) AS o (srid, x, y, lon, lat)
CROSS JOIN LATERAL public.ST_Transform(public.ST_SetSRID(public.ST_MakePoint(x, y), srid), 4326) AS found
WHERE abs(public.ST_X(found) - lon) > 1e-8 OR abs(public.ST_Y(found) - lat) > 1e-8
