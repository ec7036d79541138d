-- How many rows of a small area match.
SELECT count(*) FROM {source} t{joins} WHERE {near} AND {inside} AND {conditions}
