-- An agreement, without its rights.
INSERT INTO access.agreements (id, organisation, purpose, first_day, last_day, document_sha256)
VALUES (%s, %s, %s, %s, %s, %s)
