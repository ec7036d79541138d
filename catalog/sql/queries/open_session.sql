-- Open a session for claims that have been verified; false where no organisation knows them.
SELECT access.open_session(%s, %s, %s, %s)
