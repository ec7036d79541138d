-- What is valid now, and what was: a row is valid from its edition until it was replaced. One that was corrected in
-- the same edition never was.
(
    SELECT {columns}, NULL::date AS valide_au FROM {table} WHERE edition <= %(last_day)s
    UNION ALL
    SELECT {columns}, valide_au FROM {past}
    WHERE edition <= %(last_day)s AND valide_au > %(first_day)s AND valide_au > edition
)
