-- The day that the rules go by.
SELECT access.today()
