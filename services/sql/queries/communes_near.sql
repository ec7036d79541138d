-- The communes of the caller's, in their order, that are walked for a wide area: those that it does not touch are passed
-- over, those that it covers are not looked at piece by piece.
SELECT commune, ST_Covers({area}, extent) AS covered
FROM access.{extents}({dataset})
WHERE (extent && {area} OR extent IS NULL) AND commune >= {first}
ORDER BY commune
