-- Of some sheets of a merged commune, those that one of the new commune has succeeded meanwhile.
SELECT late.unit FROM unnest(%(units)s::text[]) late (unit)
JOIN admin.fusions f ON f.ancienne = %(commune)s
JOIN etl.published s ON s.kind = %(kind)s AND s.commune = f.nouvelle AND s.unit = admin.successor(late.unit, f.nouvelle)
