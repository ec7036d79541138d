"""The worker: one process that runs jobs from the queue until it is told to stop."""

from contextlib import closing

from catalog.database import Spares, pool
from catalog.queue import Pace, Work, application, live, until_told
from catalog.register import Desk
from catalog.settings import Settings
from services.queue import QUEUE, tasks
from services.running import Running, keep_house

DEFAULT_PACE = Pace()


def run(settings: Settings, pace: Pace = DEFAULT_PACE) -> None:
    """Run jobs until SIGTERM or Ctrl-C; wait while the database is away."""
    until_told(_live(settings, pace))


async def _live(settings: Settings, pace: Pace) -> None:
    with pool(settings, "worker") as connections, closing(Spares(settings, "audit")) as audit:
        running = Running(settings, connections, Desk(audit, settings.audit))

        def work() -> Work:
            app = application(settings, "worker", tasks)
            return Work(app, QUEUE, 2, {"running": running}, lambda: keep_house(running))

        await live(work, pace)
