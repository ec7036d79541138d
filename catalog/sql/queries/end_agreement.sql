-- Set the last day of an agreement, earlier than it was; before its first, it gives nothing on any day. Returns the
-- last day that it had, and its two days now where it has changed.
WITH current AS (
    SELECT id, last_day FROM access.agreements WHERE id = %(id)s FOR UPDATE
), ended AS (
    UPDATE access.agreements a SET last_day = greatest(%(day)s, a.first_day - 1), ended = now()
    FROM current WHERE a.id = current.id AND %(day)s <= current.last_day
    RETURNING a.first_day, a.last_day
)
SELECT current.last_day, ended.first_day, ended.last_day FROM current LEFT JOIN ended ON true
