-- What an issuer attests of somebody, and the organisation to which it belongs.
INSERT INTO access.identities (issuer, claims, organisation, administrator, label)
VALUES (%s, %s, %s, %s, %s)
RETURNING id::text
