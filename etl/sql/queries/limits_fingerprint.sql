-- What tells one state of the reference partition from another.
SELECT md5(coalesce(string_agg(commune || md5(ST_AsBinary(geom)::text), '' ORDER BY commune), '')) FROM admin.limites
