-- How many rows match.
SELECT count(*) FROM {source} t{joins} WHERE {near} AND {inside} AND {conditions}
