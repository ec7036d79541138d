-- Close a session, by its SHA-256.
SELECT access.close_session(%s)
