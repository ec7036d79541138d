-- The communes over which an agreement gives one group of a dataset for one usage.
INSERT INTO access.rights (agreement, dataset, attribute_group, usage, communes) VALUES (%s, %s, %s, %s, %s)
