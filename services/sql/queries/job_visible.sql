-- The communes of a dataset's group that the caller may see for the usage of this transaction.
SELECT access.visible_communes(%s, %s)
