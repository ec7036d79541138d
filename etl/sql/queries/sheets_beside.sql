-- The sheets that some communes serve beside those of a delivery.
SELECT commune, unit, edition FROM etl.published
WHERE kind = 'cadastre' AND commune = ANY(%s) AND unit <> ALL(array_remove(%s::text[], NULL)) AND unit NOT LIKE 'etalab-%%' ORDER BY commune, unit
