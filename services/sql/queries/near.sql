-- True where something of the caller's is near an area: asked once, before the table is.
(SELECT access.is_near({dataset}, {area}))
