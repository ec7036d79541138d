-- One page of features as GeoJSON text, and where it ends. One row more than the page is read, to know whether there is more.
-- The rows arrive in the order of `found`: nothing between it and the aggregate sorts or hashes.
SELECT string_agg(feature, ',') FILTER (WHERE number <= {size}),
       count(*),
       max(commune) FILTER (WHERE number = {size}),
       max(id) FILTER (WHERE number = {size}),
       max(edition::text) FILTER (WHERE number = {size})
FROM (SELECT *, row_number() OVER () AS number FROM ({rows}) found) numbered
