-- Forget what was found of a commune as a whole.
DELETE FROM cadastre.anomalies WHERE commune = %(commune)s AND unite = %(commune)s
