-- The commune of each feature of a page, in its order, for quotas.
SELECT commune FROM ({rows}) given
