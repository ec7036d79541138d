-- One feature as GeoJSON text.
SELECT {feature} FROM {source} t{joins} WHERE t.id = %(id)s
