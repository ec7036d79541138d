-- Take off the record the migrations that others replace.
DELETE FROM migrations.applied WHERE name = ANY (%s)
