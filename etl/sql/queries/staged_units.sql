-- What a delivery has staged and not published.
SELECT unit, commune, edition, sha256, objects FROM etl.units WHERE delivery = %s AND status = 'staged' ORDER BY unit
