-- The groups that the caller sees in a tile's box, and the key of what it sees there.
SELECT seen, key FROM access.tile_key(%(dataset)s, %(groups)s, {area})
