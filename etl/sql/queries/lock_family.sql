-- One publication at a time in a commune and in those merged into it: all before anything, as what is published holds more.
WITH RECURSIVE family AS (
    SELECT %(commune)s::text AS commune, 0 AS depth
    UNION ALL
    SELECT f.ancienne::text, family.depth + 1 FROM family JOIN admin.fusions f ON f.nouvelle = family.commune
), in_order AS MATERIALIZED (
    SELECT commune FROM family ORDER BY depth, commune
)
SELECT pg_advisory_xact_lock(hashtextextended('geosocle commune ' || commune, 0)) FROM in_order
