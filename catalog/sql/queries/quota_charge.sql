-- Take from the quotas of the agreements that give a dataset for a usage, or give back what was not used.
SELECT agreement, granted, remaining, rights, period, seconds
FROM registre.charge(%(key)s, %(measure)s, %(dataset)s, %(usage)s, %(job)s, %(wanted)s, %(unused)s, %(period)s)
