"""The queue of jobs: procrastinate in PostgreSQL, in the schema `queue`. Its rows hold a job's number, nothing else."""

import logging
from uuid import UUID

from procrastinate import App, Blueprint, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as Ticket
from procrastinate.jobs import Status

from catalog.errors import Unavailable
from catalog.settings import Settings
from services.running import Interrupted, Running, run

LOGGER = logging.getLogger(__name__)

QUEUE = "jobs"
tasks = Blueprint()


def application(settings: Settings) -> App:
    """Return procrastinate's application, which connects as the worker. Its statements name no schema."""
    connector = PsycopgConnector(
        conninfo=settings.dsn_for("worker"),
        kwargs={"options": "-c search_path=queue,pg_catalog"},
        min_size=1,
        max_size=4,
    )
    app = App(connector=connector)
    app.add_tasks_from(tasks, namespace="geosocle")
    return app


@tasks.task(
    name="run",
    queue=QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=5, wait=2, retry_exceptions={Unavailable, Interrupted}),
)
def run_job(context: JobContext, job: str) -> None:
    """Run one job in a thread of the worker; it comes back when the worker stops or the database goes away."""
    running: Running = context.additional_context["running"]
    run(running, UUID(job), context.should_abort)


async def recover(app: App, stalled_seconds: float) -> None:
    """Give the jobs of dead workers to the living, once; the second time they are taken off the queue."""
    for ticket in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds):
        try:
            await _recover(app, ticket)
        except ConnectorException:
            LOGGER.info("Job %s was recovered by another worker", ticket.task_kwargs.get("job"))


async def _recover(app: App, ticket: Ticket) -> None:
    if ticket.attempts == 0:
        await app.job_manager.retry_job(ticket)
    else:
        await app.job_manager.finish_job(ticket, Status.FAILED, delete_job=True)
