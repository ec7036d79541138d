-- The communes that share a border with each of some; a point is no border, and limits are rounded to a millimetre.
SELECT a.commune, array_agg(b.commune)
FROM admin.limites a JOIN admin.limites b ON b.geom && public.ST_Expand(a.geom, 0.05) AND b.commune <> a.commune
WHERE a.commune = ANY (%s)
  AND public.ST_Length(public.ST_Intersection(
        public.ST_ClipByBox2D(public.ST_Boundary(a.geom), public.ST_Expand(b.geom::public.box2d, 1)),
        public.ST_Buffer(public.ST_ClipByBox2D(public.ST_Boundary(b.geom), public.ST_Expand(a.geom::public.box2d, 1)),
                         0.05, 'quad_segs=1'))) > 1
GROUP BY a.commune
