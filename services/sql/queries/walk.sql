-- Rows in the order of (commune, id), commune by commune: the index is entered where the last page ended, and left
-- where this one is full, whatever the number of communes.
SELECT part.*
FROM ({communes}) here
CROSS JOIN LATERAL (
    SELECT t.commune, t.id, t.edition, {feature} AS feature
    FROM {source} t{joins}
    WHERE t.commune = here.commune AND {start} AND {inside} AND {conditions}
    ORDER BY t.id{versions}
    LIMIT {end}
) part
LIMIT {rows} OFFSET {offset}
