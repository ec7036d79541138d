-- How many rows match, commune by commune of the caller's: what the others hold is not read.
SELECT coalesce(sum(part.matching), 0)::bigint
FROM ({communes}) here
CROSS JOIN LATERAL (
    SELECT count(*) AS matching FROM {source} t{joins} WHERE t.commune = here.commune AND {inside} AND {conditions}
) part
