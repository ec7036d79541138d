"""The queue, as whoever takes work out of it reaches it: procrastinate in PostgreSQL, in the schema `queue`."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from procrastinate import App, Blueprint, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as Ticket
from procrastinate.jobs import Status

from catalog.errors import Unavailable
from catalog.settings import Settings

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


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker takes out of which queue: how many at once, with what; what it does now and then beside it."""

    app: App
    queue: str
    concurrency: int
    context: dict[str, Any]
    keep_house: Callable[[], None] = lambda: None
    attempts: int = 1  # how often a job whose worker died is given to another


def application(settings: Settings, role: str, tasks: Blueprint) -> App:
    """Return procrastinate's application, which connects as a login role. Its statements name no schema."""
    connector = PsycopgConnector(
        conninfo=settings.dsn_for(role),
        kwargs={"options": "-c search_path=queue,pg_catalog"},
        min_size=1,
        max_size=4,
    )
    app = App(connector=connector)
    app.add_tasks_from(tasks, namespace="geosocle")
    return app


def until_told(life: Coroutine[Any, Any, None]) -> None:
    """Live until SIGTERM or Ctrl-C."""
    with suppress(asyncio.CancelledError):
        asyncio.run(_until_told(life))


async def _until_told(life: Coroutine[Any, Any, None]) -> None:
    # Not the queue's own handlers: those are there while it works, and a signal is forgotten while it waits.
    alive = asyncio.create_task(life)
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, alive.cancel)
    await alive


async def live(work: Callable[[], Work], pace: Pace) -> None:
    """Work; wait while the database is away."""
    while True:
        try:
            return await _work(work(), pace)
        except (ConnectorException, Unavailable):
            LOGGER.warning("The database is away")
            await asyncio.sleep(pace.retry)


async def _work(work: Work, pace: Pace) -> None:
    async with work.app.open_async() as app:
        house = asyncio.create_task(_keep_house(app, work, pace))
        try:
            await app.run_worker_async(
                queues=[work.queue],
                concurrency=work.concurrency,
                additional_context=work.context,
                fetch_job_polling_interval=pace.polling,
                update_heartbeat_interval=pace.heartbeat,
                stalled_worker_timeout=pace.dead,
                install_signal_handlers=False,
                shutdown_graceful_timeout=0,  # what runs goes back to the queue
                delete_jobs="always",  # the record is elsewhere
            )
        finally:
            house.cancel()


async def _keep_house(app: App, work: Work, pace: Pace) -> None:
    while True:
        try:
            await recover(app, work, pace.dead)
            await asyncio.to_thread(work.keep_house)
        except (ConnectorException, Unavailable):
            LOGGER.warning("The house is not kept: the database is away")
        await asyncio.sleep(pace.housekeeping)


async def recover(app: App, work: Work, stalled_seconds: float) -> None:
    """Give the jobs of dead workers to the living; after some times they are taken off the queue."""
    stalled = app.job_manager.get_stalled_jobs(queue=work.queue, seconds_since_heartbeat=stalled_seconds)
    for ticket in await stalled:
        try:
            await _recover(app, ticket, work.attempts)
        except ConnectorException:
            LOGGER.info("Job %s was recovered by another worker", ticket.task_kwargs)


async def _recover(app: App, ticket: Ticket, attempts: int) -> None:
    if ticket.attempts < attempts:
        await app.job_manager.retry_job(ticket)
    else:
        await app.job_manager.finish_job(ticket, Status.FAILED, delete_job=True)
