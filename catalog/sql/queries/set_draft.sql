-- Keep a draft, as it is written.
INSERT INTO access.drafts (id, organisation, content) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET organisation = EXCLUDED.organisation, content = EXCLUDED.content, created = now()
