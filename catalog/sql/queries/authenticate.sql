-- Who a key is, with the groups and usages that it has today; no row for a bad credential.
SELECT organisation, name, token, administrator, profile FROM access.authenticate(%s)
