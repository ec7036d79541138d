-- True where a commune of the caller's is near an area.
EXISTS (SELECT FROM access.{extents}({dataset}) here WHERE here.extent && {area} OR here.extent IS NULL)
