"""Jobs as the one who asked for them sees them: asked, listed, looked at, given up.

pygeoapi's process manager is not used. Its interface keeps one processor for all requests, knows neither caller nor
rights, runs in the web process and hands results over whole in memory. Here a job is a row that PostgreSQL shows to
its owner alone, and the work is the worker's. The routes are in `jobs_routes.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from catalog.database import Connection, Pool, available, query
from catalog.errors import NotFound, QuotaExceeded
from catalog.model import Principal

MAX_PENDING = 10

Holds = Sequence[Mapping[str, Any]]  # [{"dataset", "group", "communes"}]: what a result holds


@dataclass(frozen=True, slots=True)
class Job:
    """What its owner is told of a job; `file` is the name under which the result is downloaded."""

    id: UUID
    process: str
    status: str
    progress: int
    message: str
    created: datetime
    started: datetime | None
    finished: datetime | None
    expires: datetime
    file: str | None
    media_type: str | None
    size: int | None


def ask(pool: Pool, principal: Principal, process: str, inputs: Mapping[str, Any], holds: Holds) -> Job:
    """Put a job into the queue. Raises NotFound for a caller that may not, QuotaExceeded."""
    with as_asker(pool, principal) as connection:
        if _value(connection, "job_pending") >= MAX_PENDING:
            raise QuotaExceeded("Trop de traitements sont en cours : attendez la fin de l'un d'eux.")
        job = _value(connection, "job_ask", process, Jsonb(inputs), Jsonb(holds))
        if job is None:
            raise NotFound
        return _only(connection, "job_get", job)


def find(pool: Pool, principal: Principal, id: str) -> Job:
    """Return one of the caller's jobs. Another's does not exist, nor does one whose rights have ended."""
    with as_asker(pool, principal) as connection:
        return _only(connection, "job_get", _identifier(id))


def page(pool: Pool, principal: Principal, limit: int, offset: int) -> list[Job]:
    """Return a page of the caller's jobs, newest first."""
    with as_asker(pool, principal) as connection:
        return _jobs(connection, "job_list", limit, offset)


def dismiss(pool: Pool, principal: Principal, id: str) -> Job:
    """Give one of the caller's jobs up. The worker stops at its next step; the file is the caller's to remove."""
    with as_asker(pool, principal) as connection:
        return _only(connection, "job_dismiss", _identifier(id))


@contextmanager
def as_asker(pool: Pool, principal: Principal) -> Iterator[Connection]:
    """Open a transaction in which the functions of `jobs` know who asks. Raises NotFound for nobody."""
    if principal.anonymous:
        raise NotFound
    with available(), pool.connection() as connection, connection.transaction():
        connection.execute(query("job_pin", "services"), [principal.key])
        yield connection


def _identifier(text: str) -> UUID:
    """Read a job's number in its one spelling: the others that UUID accepts are as not existing."""
    try:
        found = UUID(text)
    except ValueError as error:
        raise NotFound from error
    if str(found) != text:
        raise NotFound
    return found


def _jobs(connection: Connection, name: str, *parameters: object) -> list[Job]:
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(query(name, "services"), parameters).fetchall()


def _only(connection: Connection, name: str, *parameters: object) -> Job:
    jobs = _jobs(connection, name, *parameters)
    if not jobs:
        raise NotFound
    return jobs[0]


def _value(connection: Connection, name: str, *parameters: object) -> Any:
    row = connection.execute(query(name, "services"), parameters).fetchone()
    return row and row[0]
