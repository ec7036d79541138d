-- The organisations that an administrator may ask about; none for any other key.
SELECT id, name FROM access.explained_organisations(%(key)s)
