-- What stands around an agreement or a draft: its organisation, the periods before and after, its first and last change.
SELECT o.name, o.kind, o.communes::text[] AS territory, a.created, a.changed, a.ended, n.id::text AS renewed_by
FROM access.organisations o
LEFT JOIN access.agreements a ON a.id = %(id)s
LEFT JOIN access.agreements n ON n.renews = a.id
WHERE o.id = %(organisation)s
