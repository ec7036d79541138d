"""The gate that every request goes through: credential → principal → context, and every error → a problem.

The work is done in a thread, in a copy of the context: what is known of a request is seen by what answers it, and by
nothing else.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace

import psycopg
from starlette.requests import Request
from starlette.responses import Response

from catalog import register
from catalog.database import Spares, available, pool, query
from catalog.errors import BadRequest, GeosocleError, NotFound, Unavailable
from catalog.settings import Settings
from services import context
from services.answers import finished
from services.callers import Callers
from services.negotiation import format_of
from services.outages import Outages
from services.parameters import read_query
from services.problems import MethodNotAllowed, TooLarge, problem
from services.sessions import SESSION, SessionEnded, forget_cookie
from services.tile_store import TileStore

LOG = logging.getLogger(__name__)

MAX_BODY = 1_000_000
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Endpoint = Callable[[Request], Response]


class Gate:
    """One process's pool of connections and threads, and the way from a request to its answer."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.pool = pool(settings, "web")
        self.desk = register.Desk(Spares(settings, "audit"), settings.audit)
        self.tiles = TileStore(settings.files / "tuiles", settings.tile_cache << 20) if settings.tile_cache else None
        self.callers = Callers(settings, self.pool)
        self.outages = Outages()
        self.executor = ThreadPoolExecutor(settings.pool_size, thread_name_prefix="geosocle")

    def look(self) -> None:
        """Say aloud, once the database answers, where the rules would be slow: everything stays right without it."""
        try:
            with available(), self.pool.connection() as connection:
                slow = connection.execute(query("doctor_leakproof")).fetchall()
        except Unavailable:
            LOG.warning("La base de données ne répond pas ; elle est attendue.")
        else:
            if slow:
                LOG.warning("L'opérateur && n'est pas marqué : tout sera juste mais lent. Voir « geosocle doctor ».")

    def close(self) -> None:
        """Let go of connections and threads."""
        self.pool.close()  # first, so that nobody waits for a database that is away
        self.desk.connections.close()
        self.executor.shutdown(cancel_futures=True)

    def guard(self, door: str, endpoint: Endpoint, *methods: str) -> Callable[[Request], Awaitable[Response]]:
        """Return what Starlette calls for an address that `endpoint` answers by `methods`; `door` is its pattern."""
        allowed = {*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        desk = replace(self.desk, door=door)

        async def answer(request: Request) -> Response:
            body = await body_of(request)
            loop = asyncio.get_running_loop()
            work = copy_context()
            work.run(register.pass_by, desk)
            return await loop.run_in_executor(
                self.executor, work.run, self.answer, endpoint, frozenset(allowed), request, body
            )

        return answer

    def answer(self, endpoint: Endpoint, allowed: frozenset[str], request: Request, body: bytes | None) -> Response:
        """Return the answer of an endpoint, or the problem that stands in its way."""
        key = None
        try:
            with self.known(request, body) as here, context.answering(here):
                key = here.principal.key
                response = self.permitted(endpoint, allowed, request)
        except GeosocleError as error:
            response = self.refused(error, request, allowed)
        except (psycopg.DataError, psycopg.InternalError):  # a value that PostgreSQL or GEOS cannot take
            response = problem(BadRequest(), wants_page(request))
        except Exception:
            LOG.exception("%s %s", request.method, request.scope["path"])
            response = problem(GeosocleError(), wants_page(request))
        lasting = request.method in ("GET", "HEAD") and not register.named()
        return finished(response, request, key if lasting else None)

    @contextmanager
    def known(self, request: Request, body: bytes | None) -> Iterator[context.Context]:
        """Find out who asks and what. The credential is read first: a bad one is refused at every address."""
        principal = self.callers.of(request)
        if body is None:
            raise TooLarge
        if CONTROL.search(request.scope["path"]):
            raise NotFound
        query = read_query(request.scope["query_string"])
        yield context.Context(principal, self.pool, self.settings, query, body, tiles=self.tiles)

    def permitted(self, endpoint: Endpoint, allowed: frozenset[str], request: Request) -> Response:
        """Return the answer to a method that the address knows."""
        if request.method not in allowed:
            raise MethodNotAllowed
        if request.method == "OPTIONS":
            return Response(headers={"Allow": ", ".join(sorted(allowed))})
        return endpoint(request)

    def refused(self, error: GeosocleError, request: Request, allowed: frozenset[str]) -> Response:
        """Return the answer to a request that is refused."""
        response = problem(error, wants_page(request))
        if isinstance(error, Unavailable):
            self.outages.tell(error)
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(allowed))
        if isinstance(error, SessionEnded):
            forget_cookie(response, SESSION, self.settings.public_url)
        return response


async def body_of(request: Request) -> bytes | None:
    """Return the body of a request, None for one that is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def wants_page(request: Request) -> bool:
    """True where a problem is told as a page."""
    given = request.query_params
    if "f" in given:
        return given["f"] == "html"
    return format_of({}, request.headers.get("accept", ""), ("json", "html")) == "html"
