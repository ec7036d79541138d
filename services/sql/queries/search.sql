-- Rows of a small area or in another order: all that match are found, then sorted.
SELECT t.commune, t.id, t.edition, {feature} AS feature
FROM {source} t{joins}
WHERE {start} AND {conditions}
ORDER BY {order}t.commune, t.id{versions}
LIMIT {rows} OFFSET {offset}
