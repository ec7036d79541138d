"""The worker: one process that runs jobs from the queue until it is told to stop."""

import asyncio
import logging
import signal
from contextlib import closing, suppress
from dataclasses import dataclass

from procrastinate import App
from procrastinate.exceptions import ConnectorException

from catalog.database import Spares, pool
from catalog.errors import Unavailable
from catalog.register import Desk
from catalog.settings import Settings
from services.queue import QUEUE, application, recover
from services.running import Running, keep_house

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, in seconds, a worker says that it lives and keeps the house; when a silent one is held for dead.

    A new job is told at once; `polling` finds those that were given back.
    """

    heartbeat: float = 5
    polling: float = 2
    dead: float = 20
    housekeeping: float = 10
    retry: float = 5


DEFAULT_PACE = Pace()


def run(settings: Settings, pace: Pace = DEFAULT_PACE) -> None:
    """Run jobs until SIGTERM or Ctrl-C; wait while the database is away."""
    with suppress(asyncio.CancelledError):
        asyncio.run(_until_told(settings, pace))


async def _until_told(settings: Settings, pace: Pace) -> None:
    # Not the queue's own handlers: those are there while it works, and a signal is forgotten while it waits.
    life = asyncio.create_task(_live(settings, pace))
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, life.cancel)
    await life


async def _live(settings: Settings, pace: Pace) -> None:
    with pool(settings, "worker") as connections, closing(Spares(settings, "audit")) as audit:
        running = Running(settings, connections, Desk(audit, settings.audit))
        while True:
            try:
                return await _work(running, pace)
            except (ConnectorException, Unavailable):
                LOGGER.warning("The database is away")
                await asyncio.sleep(pace.retry)


async def _work(running: Running, pace: Pace) -> None:
    async with application(running.settings).open_async() as app:
        house = asyncio.create_task(_keep_house(app, running, pace))
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=2,
                additional_context={"running": running},
                fetch_job_polling_interval=pace.polling,
                update_heartbeat_interval=pace.heartbeat,
                stalled_worker_timeout=pace.dead,
                install_signal_handlers=False,
                shutdown_graceful_timeout=0,  # what runs goes back to the queue
                delete_jobs="always",  # `jobs.jobs` is the record
            )
        finally:
            house.cancel()


async def _keep_house(app: App, running: Running, pace: Pace) -> None:
    while True:
        try:
            await recover(app, pace.dead)
            await asyncio.to_thread(keep_house, running)
        except (ConnectorException, Unavailable):
            LOGGER.warning("The house is not kept: the database is away")
        await asyncio.sleep(pace.housekeeping)
