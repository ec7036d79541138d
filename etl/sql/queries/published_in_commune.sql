-- The sheets or files served in a commune.
SELECT unit FROM etl.published WHERE kind = %s AND commune = %s ORDER BY unit
