-- Rows in another order: the first of each of the caller's communes, then the first of those. What the others hold is not
-- read, whatever they hold.
SELECT part.*
FROM ({communes}) here
CROSS JOIN LATERAL (
    SELECT t.commune, t.id, t.edition, {feature} AS feature{keys}
    FROM {source} t{joins}
    WHERE t.commune = here.commune AND {inside} AND {conditions}
    ORDER BY {order}t.id{versions}
    LIMIT {end}
) part
ORDER BY {by_keys}part.commune, part.id, part.edition
LIMIT {rows} OFFSET {offset}
