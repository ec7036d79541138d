-- Remove an identity; its sessions and jobs go with it.
DELETE FROM access.identities WHERE id = %s::uuid
