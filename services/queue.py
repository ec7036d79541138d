"""The queue of jobs. Its rows hold a job's number, nothing else."""

from uuid import UUID

from procrastinate import Blueprint, JobContext, RetryStrategy

from catalog.errors import Unavailable
from services.running import Interrupted, Running, run

QUEUE = "jobs"
tasks = Blueprint()


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
