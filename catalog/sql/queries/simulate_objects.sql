-- How many objects of each dataset there are in some communes.
SELECT dataset, commune, objects FROM access.statistics WHERE commune = ANY (%s)
