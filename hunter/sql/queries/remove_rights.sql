-- Remove what an agreement of the hunt's own gives, before it gives something else.
DELETE FROM access.rights WHERE agreement = %s
