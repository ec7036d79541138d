-- Forget the limit of a commune that is no longer held.
DELETE FROM admin.limites l
WHERE l.commune = %(commune)s AND NOT EXISTS (SELECT FROM cadastre.communes c WHERE c.commune = l.commune)
