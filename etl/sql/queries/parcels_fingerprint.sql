-- What tells one state of the parcels held from another.
SELECT md5(coalesce(string_agg(unit || commune || edition || sha256, '' ORDER BY unit, commune), ''))
FROM etl.published WHERE kind = 'cadastre'
