-- The loads that have not ended: whether a command is at them, how far they are, how fast, and how long it may take yet.
SELECT w.id AS livraison, w.kind AS genre, w.name AS nom, w.etape, w.fait, w.total,
       CASE WHEN w.en_cours THEN w.debit END AS debit,
       CASE WHEN w.en_cours AND w.debit > 0 AND w.total >= w.fait
            THEN ceil((w.total - w.fait) / w.debit)::integer END AS secondes_restantes,
       w.en_cours
FROM (
    SELECT d.id, d.kind, d.name, coalesce(d.step, 'lecture') AS etape, done.fait,
           CASE d.step WHEN 'publication' THEN done.lues ELSE d.sources END AS total,
           round((done.fait - d.step_begun) / nullif(extract(epoch FROM clock_timestamp() - d.step_began), 0), 1) AS debit,
           EXISTS (
               SELECT FROM pg_locks l
               WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND (l.classid::bigint << 32 | l.objid::bigint)
                     = hashtextextended('geosocle delivery ' || d.kind || ' ' || d.sha256, 0)
           ) AS en_cours
    FROM etl.deliveries d
    CROSS JOIN LATERAL (
        SELECT count(*) AS lues,
               CASE d.step WHEN 'publication'
                   THEN (SELECT count(DISTINCT p.unit) FROM etl.published p WHERE p.delivery = d.id)
                   ELSE count(*) END AS fait
        FROM etl.units u WHERE u.delivery = d.id
    ) done
    WHERE d.status = 'reading'
) w
ORDER BY w.id
