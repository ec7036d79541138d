-- The box of a tile, in the system of the table that is asked.
ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, {srid})
