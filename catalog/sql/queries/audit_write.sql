-- Write down a read of an audited dataset, before its data are read.
SELECT registre.write(
    %(key)s, %(kind)s, %(usage)s, %(door)s, %(dataset)s, %(groups)s, %(features)s, %(job)s)
