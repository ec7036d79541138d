-- What is served under the code of a commune beside its sheets, by kind: its files.
SELECT kind, CASE WHEN unit LIKE 'etalab-%%' THEN 'Etalab' END AS source, array_agg(unit ORDER BY unit)
FROM etl.published WHERE commune = %(old)s AND (kind <> 'cadastre' OR unit LIKE 'etalab-%%')
GROUP BY 1, 2 ORDER BY 1
