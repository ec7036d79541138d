-- What an agreement was, from when to when: its days, its document and how many rights and communes it gave.
SELECT v.version, v.since, v.until, v.first_day, v.last_day, v.details ->> 'document_sha256' AS document_sha256,
       jsonb_array_length(v.rights) AS rights,
       (SELECT count(DISTINCT c) FROM jsonb_array_elements(v.rights) AS r, jsonb_array_elements_text(r -> 'communes') AS c)
           AS communes
FROM access.versions v WHERE v.agreement = %(id)s ORDER BY v.version
