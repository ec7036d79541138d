"""Run one job as the one who asked for it, and keep the house: what the worker does, without its queue."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from catalog import quotas, register
from catalog.access import principal
from catalog.database import Pool, available, query
from catalog.errors import GeosocleError, NotFound, Unavailable, UnknownToken
from catalog.register import Desk
from catalog.settings import Settings
from services import results
from services.exports import Export, write_export

LOGGER = logging.getLogger(__name__)

DOOR = "/processes/{process}/execution"  # by which exports are asked for
FAILED = "Une erreur interne est survenue."
INTERRUPTED = "Le traitement a été interrompu."


class Interrupted(Exception):
    """The worker is asked to stop: the job goes back to the queue."""


class Ended(Exception):
    """The job was given up, or its asker has no longer the right."""


@dataclass(frozen=True, slots=True)
class Running:
    """What a job is run with: settings, a pool of the worker's connections, and where reads are written down."""

    settings: Settings
    pool: Pool
    desk: Desk | None = None


def run(running: Running, job: UUID, interrupted: Callable[[], bool]) -> None:
    """Run one job to its end, whichever it is. Raises Interrupted and Unavailable, after which it may be run again.

    A worker that is suspended for long is held for dead, and its job given to another. Each attempt has a number, so
    that the one that comes back late ends without a word.
    """
    attempt = Attempt(running, job)
    try:
        _run(attempt, interrupted)
    except (Ended, NotFound, UnknownToken):
        _execute(running, "job_expire")
        LOGGER.info("Job %s given up", job)
    except (Interrupted, Unavailable):
        raise
    except GeosocleError as error:
        _fail(attempt, str(error))
    except BaseException:
        _fail(attempt, FAILED)
        raise
    finally:
        results.discard(running.settings, job, attempt.id)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a job: only the last one begun may say anything of it."""

    running: Running
    job: UUID
    id: UUID = field(default_factory=uuid4)

    def says(self, name: str, **values: object) -> int:
        """Execute a statement as this attempt, and return how many jobs it changed: none if it is not the last."""
        return _execute(self.running, name, {**values, "job": self.job, "attempt": self.id})


def _run(attempt: Attempt, interrupted: Callable[[], bool]) -> None:
    running, job = attempt.running, attempt.job
    started = _start(attempt)
    asker = principal(running.pool, started.key)
    draft = results.draft(running.settings, job, attempt.id) / f"export.{started.export.format}"

    def step(progress: int) -> None:
        if interrupted():
            raise Interrupted
        if not attempt.says("job_progress", progress=progress):
            raise Ended

    desk = running.desk and replace(running.desk, door=DOOR, job=job)
    with register.passing(desk):
        holds = write_export(running.pool, asker, started.export, draft, step)
        told = {"file": started.export.file, "media_type": started.export.media_type, "holds": Jsonb(holds)}
        with quotas.export(asker, started.export.dataset, holds, draft.stat().st_size):
            _publish(attempt, draft, told)
    LOGGER.info("Job %s successful", job)


@dataclass(frozen=True, slots=True)
class Started:
    """A job that was taken: its key is the asker's rights, as long as they last."""

    key: str
    export: Export


def _start(attempt: Attempt) -> Started:
    with available(), attempt.running.pool.connection() as connection:
        row = connection.execute(query("job_start", "services"), {"job": attempt.job, "attempt": attempt.id}).fetchone()
    if row is None:
        raise Ended
    key, _, inputs = row
    return Started(key, Export(**{**inputs, "communes": tuple(inputs["communes"])}))


def _publish(attempt: Attempt, draft: Path, end: dict[str, object]) -> None:
    """Say that the job is successful, if it is this attempt's and the asker has the right to all that the file holds.

    The file is put in its place before that is committed, while the row keeps other attempts out: a worker killed in
    between leaves a file that no job calls successful, hence is not served.
    """
    running, job = attempt.running, attempt.job
    values = {**end, "job": job, "attempt": attempt.id, "size": draft.stat().st_size}
    with available(), running.pool.connection() as connection, connection.transaction():
        if not connection.execute(query("job_publish", "services"), values).rowcount:
            raise Ended
        results.publish(running.settings, job, draft)


def _fail(attempt: Attempt, message: str) -> None:
    if attempt.says("job_fail", message=message):
        results.remove(attempt.running.settings, attempt.job)
        LOGGER.warning("Job %s failed", attempt.job)


def keep_house(running: Running) -> None:
    """Give up the jobs whose rights ended or that no queue knows, and remove the files that nobody may have."""
    seen = list(results.found(running.settings))
    _execute(running, "job_expire")
    _execute(running, "job_settle", [INTERRUPTED])
    _execute(running, "job_forget")
    with available(), running.pool.connection() as connection:
        live = {id for (id,) in connection.execute(query("job_live", "services"))}
    results.sweep(running.settings, seen, live)


def _execute(running: Running, name: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> int:
    with available(), running.pool.connection() as connection:
        return connection.execute(query(name, "services"), parameters).rowcount
