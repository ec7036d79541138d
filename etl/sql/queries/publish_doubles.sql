-- Of objects staged under one identifier by several sheets, keep that of the newest edition; return the others.
DELETE FROM {stage} s USING (
    SELECT ctid AS place, row_number() OVER (PARTITION BY id ORDER BY edition DESC, unite) AS rank
    FROM {stage} WHERE delivery = %(delivery)s AND commune = %(commune)s
) ranked
WHERE s.ctid = ranked.place AND ranked.rank > 1
RETURNING s.unite, s.id
