-- What is served of some sheets or files.
SELECT unit, commune, edition, sha256 FROM etl.published WHERE kind = %s AND unit = ANY(%s) ORDER BY unit, commune
