-- The communes of which a delivery has staged something.
SELECT DISTINCT commune FROM {stage} WHERE delivery = %s
