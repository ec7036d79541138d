-- The rights of an agreement, all in one statement.
INSERT INTO access.rights (agreement, dataset, attribute_group, usage, communes)
SELECT %s, r.dataset, r."group", r.usage, r.communes
FROM jsonb_to_recordset(%s) AS r (dataset text, "group" text, usage text, communes text[])
