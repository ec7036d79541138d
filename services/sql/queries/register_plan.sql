-- The features of one layer in the frame of a plan, for the register.
SELECT commune, id FROM {table} WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 2154)
