-- Of some signed agreements: the territory of their organisation, the terms as written and what they give since.
SELECT a.id::text, o.communes::text[], a.terms, access.rights_of(a.id)
FROM access.agreements a JOIN access.organisations o ON o.id = a.organisation
WHERE a.id = ANY (%s)
