"""What the journal is told while the database or the register is away: at once, then once a minute and process."""

import logging
from time import monotonic

from catalog.errors import RegisterUnavailable, Unavailable

LOG = logging.getLogger(__name__)

QUIET_SECONDS = 60
REGISTER = "Le registre ou un quota ne peut être écrit : ce qu'il surveille est refusé (503), le reste est servi"
DATABASE = "La base ne répond pas : tout est refusé (503)"


class Outages:
    """One process's outages: whoever asks is told no more than 503, whoever mends must know why."""

    def __init__(self) -> None:
        self._told: dict[type[Unavailable], float] = {}

    def tell(self, error: Unavailable) -> None:
        """Log an outage and its cause, unless the same was just told."""
        kind, now = type(error), monotonic()
        if now - self._told.get(kind, -QUIET_SECONDS) >= QUIET_SECONDS:
            self._told[kind] = now
            LOG.error("%s. %s", REGISTER if isinstance(error, RegisterUnavailable) else DATABASE, cause(error))


def cause(error: Unavailable) -> str:
    """Return the first words of what the database or its driver said: no detail, which may hold what was asked."""
    said = error.__cause__
    if said is None:
        return str(error)
    primary = getattr(getattr(said, "diag", None), "message_primary", None)
    return f"{type(said).__name__} : {primary or str(said).partition('\n')[0]}"
