-- The communes of which something is held.
SELECT DISTINCT commune FROM access.statistics WHERE objects > 0 ORDER BY commune
