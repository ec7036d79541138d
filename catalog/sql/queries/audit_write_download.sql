-- Write down that the file of a job is handed over, where what it holds is audited.
SELECT registre.write_download(%(key)s, %(door)s, %(job)s)
