"""The only module that connects to the database."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from catalog.errors import Unavailable
from catalog.model import Principal, Usage
from catalog.settings import Settings
from catalog.territories import localised

Connection = psycopg.Connection[TupleRow]
Pool = ConnectionPool[Connection]

CONNECT_SECONDS = 5
PREPARED_FROM = 5  # times that a statement is asked before the server keeps its plan, as psycopg has it
WAIT_SECONDS = 5

# Readers see one moment; `bench.isolation` measures that it costs nothing.
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

# What says that the database is away or overloaded, rather than that the statement was wrong.
FULL = "Le disque de la base est plein : faites-y de la place, puis relancez. Ce qui était servi l'est encore."
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)


@cache
def query(name: str, package: str = "catalog") -> str:
    """Return the statement kept in `<package>/sql/queries/<name>.sql`."""
    text = files(package).joinpath("sql", "queries", f"{name}.sql").read_text("utf-8")
    return text if name == "doctor_projection" else localised(text)


def connect(settings: Settings, role: str) -> Connection:
    """Open a connection as a login role; statements commit one by one unless a transaction is opened."""
    with available():
        return psycopg.connect(settings.dsn_for(role), autocommit=True, connect_timeout=CONNECT_SECONDS)


class Spares:
    """Connections of one role, made when they are needed and kept for the next need; as many as there are threads.

    A failure is known at once, and so is its end: a pool would have its callers wait, and try ever less often. A
    connection is tried before it is used, since what was sent over it may not be sent again.
    """

    def __init__(self, settings: Settings, role: str) -> None:
        self._dsn = settings.dsn_for(role)
        self._idle: deque[Connection] = deque()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a connection for a block; one that met an error is not used again."""
        connection = self._sound() or psycopg.connect(self._dsn, autocommit=True, connect_timeout=CONNECT_SECONDS)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()

    def _sound(self) -> Connection | None:
        while self._idle:
            try:
                connection = self._idle.pop()
                ConnectionPool.check_connection(connection)
            except (IndexError, psycopg.OperationalError):  # another thread was faster; the server closed it
                continue
            return connection
        return None


def pool(settings: Settings, role: str) -> Pool:
    """Return an open pool of connections as a login role, which fills itself once the database answers.

    Behind PgBouncer in transaction mode a statement that is prepared on one server connection is asked for on another:
    none is prepared there.
    """
    prepared = None if settings.pooled else PREPARED_FROM
    return ConnectionPool(
        settings.dsn_for(role),
        kwargs={"autocommit": True, "connect_timeout": CONNECT_SECONDS, "prepare_threshold": prepared},
        min_size=1,
        max_size=settings.pool_size,
        timeout=WAIT_SECONDS,
        open=True,
    )


@contextmanager
def available() -> Iterator[None]:
    """Turn what says that the database is away into `Unavailable`, without its words."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise Unavailable(FULL) from error
    except AWAY as error:
        raise Unavailable from error


@contextmanager
def as_loader(settings: Settings) -> Iterator[Connection]:
    """Open one transaction as the role that loads."""
    with connect(settings, "loader") as connection, connection.transaction():
        yield connection


@contextmanager
def as_principal(pool: Pool, principal: Principal, usage: Usage) -> Iterator[Connection]:
    """Open a read-only transaction that sees what `principal` may see for `usage`, and nothing else.

    Key and usage are local to the transaction: a pooled connection forgets them. The role is taken last,
    since the reader may not call `set_config`. All its statements see one moment: what is read is what was counted,
    and what was written down as read.
    """
    with available(), pool.connection() as connection, connection.pipeline():
        # Not `connection.transaction()`: in a pipeline it waits for the server five times more. The pool rolls back.
        connection.execute(BEGIN)
        connection.execute(query("become_reader"), [principal.key, usage])
        yield connection
        connection.execute("COMMIT")
