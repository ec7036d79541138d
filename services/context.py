"""What is known of the request being answered: pygeoapi's plugins get nothing of it, so that it travels beside them."""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from catalog.database import Pool
from catalog.model import Principal
from catalog.settings import Settings
from services.parameters import Page
from services.tile_store import TileStore


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the caller sees of a dataset: how many objects, and the box around them in CRS84."""

    objects: int
    box: list[float] | None


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, where the answer is found, and what of the address has been read and checked.

    `query` is the query string's pairs, decoded, in their order; `page` what they say where items are asked for;
    `statistics` the number of objects and the box (west, south, east, north) that the caller sees of each dataset,
    where collections are described; `headers` what the answer says beside its body, filled in by what makes it;
    `tiles` the copies that are shared, if any are kept.
    """

    principal: Principal
    pool: Pool
    settings: Settings
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    format: str = "json"
    page: Page = Page()
    statistics: Mapping[str, Statistics] = field(default_factory=dict)
    headers: MutableMapping[str, str] = field(default_factory=dict)
    tiles: TileStore | None = None


_current: ContextVar[Context] = ContextVar("geosocle_context")


def current() -> Context:
    """Return the context of the request being answered. Raises LookupError outside one."""
    return _current.get()


@contextmanager
def answering(context: Context) -> Iterator[None]:
    """Make `context` the current one for a block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
