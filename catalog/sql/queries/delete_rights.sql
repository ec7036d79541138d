-- Take an agreement's rights away, to write others in the same transaction.
DELETE FROM access.rights WHERE agreement = %s
