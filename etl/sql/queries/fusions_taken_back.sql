-- The mergers of a commune that were said by mistake.
SELECT ancienne, nouvelle, jour, dite_le::date AS dite, retiree_le::date AS retiree FROM admin.fusions_retirees
WHERE %(commune)s IN (ancienne, nouvelle) ORDER BY retiree_le
