-- Whether an agreement is signed under this name.
SELECT true FROM access.agreements WHERE id = %s
