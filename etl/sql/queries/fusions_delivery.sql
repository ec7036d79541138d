-- The last delivery that a commune serves sheets of, and the newest of its editions.
SELECT max(delivery), max(edition) FROM etl.published WHERE kind = 'cadastre' AND commune = %s HAVING count(*) > 0
