-- How many objects of a dataset the caller sees by this usage, as kept at load.
SELECT objects FROM access.visible_statistics(%(dataset)s, false)
