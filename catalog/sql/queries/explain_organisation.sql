-- Whether an organisation exists, and the day that the rules go by.
SELECT EXISTS (SELECT FROM access.organisations WHERE id = %s), access.today()
