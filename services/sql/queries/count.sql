-- How many rows match.
SELECT count(*) FROM {source} t{joins} WHERE {conditions}
