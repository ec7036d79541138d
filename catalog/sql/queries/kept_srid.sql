-- The system of coordinates that this database was set up in, whatever the migrations that it has had.
SELECT postgis_typmod_srid(atttypmod) FROM pg_attribute
WHERE attrelid = to_regclass('admin.limites') AND attname = 'geom'
