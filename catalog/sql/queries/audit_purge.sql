-- Take off the register what is older than some months.
SELECT registre.purge(%s)
