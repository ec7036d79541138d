-- True for a row that was valid in the days asked for: from its edition until it was replaced. One that was corrected
-- in the same edition never was.
t.edition <= %(last_day)s AND t.valide_au > %(first_day)s AND t.valide_au > t.edition
