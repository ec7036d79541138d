-- Rows of a small area: all that match are found, then sorted. Where no commune of the caller's is near, the table is not
-- asked.
SELECT t.commune, t.id, t.edition, {feature} AS feature
FROM {source} t{joins}
WHERE {near} AND {start} AND {inside} AND {conditions}
ORDER BY {order}t.commune, t.id{versions}
LIMIT {rows} OFFSET {offset}
