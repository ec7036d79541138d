-- The editions that a publication brings.
SELECT DISTINCT edition FROM etl.units WHERE delivery = %(delivery)s AND unit = ANY(%(units)s) ORDER BY edition
