-- The named areas, and the signed agreements that name them and are older than their last change.
SELECT z.id, z.name, z.communes::text[] AS communes, z.changed,
       ARRAY(SELECT a.id::text FROM access.agreements a
             WHERE EXISTS (SELECT FROM jsonb_array_elements(a.terms) AS t WHERE t -> 'communes' ? z.id::text)
               AND access.today() <= a.last_day
               AND z.changed > (SELECT max(v.since) FROM access.versions v
                                WHERE v.agreement = a.id AND v.version = (
                                    SELECT min(s.version) FROM access.versions s
                                    WHERE s.agreement = a.id AND s.rights = access.rights_of(a.id)))
             ORDER BY a.id) AS outdated
FROM access.areas z ORDER BY z.id
