-- How many objects a commune's sheets hold, the newest of their editions, and how many anomalies, by severity.
SELECT coalesce(sum(objects), 0), max(edition),
       (SELECT jsonb_object_agg(gravite, n)
        FROM (SELECT gravite, count(*) AS n FROM cadastre.anomalies WHERE commune = %(commune)s GROUP BY gravite) g)
FROM etl.scores WHERE commune = %(commune)s AND unit <> commune
