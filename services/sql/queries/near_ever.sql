-- True where a commune of the caller's is, or once was, near an area.
EXISTS (SELECT FROM access.visible_extents_ever({dataset}) here WHERE here.extent && {area} OR here.extent IS NULL)
