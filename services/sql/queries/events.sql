-- What happened in the days asked for: an event has a day and does not last.
(SELECT {columns}, 'infinity'::date AS valide_au FROM {table} WHERE edition BETWEEN %(first_day)s AND %(last_day)s)
