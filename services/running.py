"""Run one job as the one who asked for it, and keep the house: what the worker does, without its queue."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from psycopg.types.json import Jsonb

from catalog.access import principal
from catalog.database import Pool, available, query
from catalog.errors import GeosocleError, NotFound, Unavailable, UnknownToken
from catalog.settings import Settings
from services import results
from services.exports import MEDIA_TYPE, Export, write_export

LOGGER = logging.getLogger(__name__)

FAILED = "Une erreur interne est survenue."
INTERRUPTED = "Le traitement a été interrompu."


class Interrupted(Exception):
    """The worker is asked to stop: the job goes back to the queue."""


class Ended(Exception):
    """The job was given up, or its asker has no longer the right."""


@dataclass(frozen=True, slots=True)
class Running:
    """What a job is run with: settings, and a pool of the worker's connections."""

    settings: Settings
    pool: Pool


def run(running: Running, job: UUID, interrupted: Callable[[], bool]) -> None:
    """Run one job to its end, whichever it is. Raises Interrupted and Unavailable, after which it may be run again."""
    try:
        _run(running, job, interrupted)
    except (Ended, NotFound, UnknownToken):
        results.remove(running.settings, job)
        _execute(running, "job_expire")
        LOGGER.info("Job %s given up", job)
    except (Interrupted, Unavailable):
        results.remove(running.settings, job)
        raise
    except GeosocleError as error:
        _fail(running, job, str(error))
    except BaseException:
        _fail(running, job, FAILED)
        raise


def _run(running: Running, job: UUID, interrupted: Callable[[], bool]) -> None:
    started = _start(running, job)
    asker = principal(running.pool, started.key)
    draft = results.draft(running.settings, job) / "export.gpkg"

    def step(progress: int) -> None:
        if interrupted():
            raise Interrupted
        if not _execute(running, "job_progress", progress, job):
            raise Ended

    holds = write_export(running.pool, asker, started.export, draft, step)
    _publish(running, job, draft, {"file": started.export.file, "media_type": MEDIA_TYPE, "holds": Jsonb(holds)})
    LOGGER.info("Job %s successful", job)


@dataclass(frozen=True, slots=True)
class Started:
    """A job that was taken: its key is the asker's rights, as long as they last."""

    key: str
    export: Export


def _start(running: Running, job: UUID) -> Started:
    with available(), running.pool.connection() as connection:
        row = connection.execute(query("job_start", "services"), [job]).fetchone()
    if row is None:
        raise Ended
    key, _, inputs = row
    return Started(key, Export(inputs["dataset"], tuple(inputs["communes"]), inputs["crs"]))


def _publish(running: Running, job: UUID, draft: Path, end: dict[str, object]) -> None:
    """Put the whole file in its place, then say so if the asker still has the right to all it holds.

    In this order: a worker killed in between leaves a file that no job calls successful, hence is not served.
    """
    size = draft.stat().st_size
    draft.replace(results.result(running.settings, job))
    draft.parent.rmdir()
    with available(), running.pool.connection() as connection:
        done = connection.execute(query("job_publish", "services"), {**end, "job": job, "size": size}).rowcount
    if not done:
        raise Ended


def _fail(running: Running, job: UUID, message: str) -> None:
    results.remove(running.settings, job)
    _execute(running, "job_fail", message, job)
    LOGGER.warning("Job %s failed", job)


def keep_house(running: Running) -> None:
    """Give up the jobs whose rights ended or that no queue knows, and remove the files that nobody may have."""
    seen = list(results.found(running.settings))
    _execute(running, "job_expire")
    _execute(running, "job_settle", INTERRUPTED)
    _execute(running, "job_forget")
    with available(), running.pool.connection() as connection:
        live = {id for (id,) in connection.execute(query("job_live", "services"))}
    results.sweep(running.settings, seen, live)


def _execute(running: Running, name: str, *parameters: object) -> int:
    with available(), running.pool.connection() as connection:
        return connection.execute(query(name, "services"), parameters).rowcount
