"""Our own server, asked as each tenant; and its statements, for the floor without rules and without HTTP."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

from bench.database import Base
from bench.department import Member
from bench.peers import Peer, free_port, uvicorn
from bench.questions import Box, Question
from bench.raw import Statement
from catalog.access import token_key
from catalog.loader import datasets
from services.crs import CRS84, area
from services.parameters import Page
from services.providers import tiles
from services.statements import page_statement
from services.tile_grid import Tile

DATASET = "parcelles"
SRID = 2154


@contextmanager
def server(base: Base, ruled: bool = True, application: str = "services.app:lasting_app") -> Iterator[str]:
    """Run our services on a free port and give their address; without rules, they are the superuser's."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **base.cluster.environment,
        "GEOSOCLE_FILES": str(base.settings.files),
        "GEOSOCLE_PUBLIC_URL": url,
        "GEOSOCLE_TILE_CACHE": "0",  # tiles are made each time, as the others make them
    }
    if not ruled:
        environment["GEOSOCLE_WEB_DSN"] = make_conninfo(base.settings.dsn, options="-c jit=off")
        application = "bench.unruled:create_unruled_app"
    with uvicorn(Path(sys.executable), application, port, environment, "--factory"):
        yield url


def as_member(url: str, member: Member) -> Peer:
    """Return our server as a member asks it."""
    items = f"{url}/collections/{DATASET}/items?f=json&limit={{limit}}"
    tile = f"{url}/collections/{DATASET}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"
    headers = {"Authorization": f"Bearer {member.token}"}
    return Peer("Géosocle", items, items + "&bbox={box}", tile, headers)


def statement(question: Question) -> Statement:
    """Return the statement that our server sends for a question, and its values at each place."""
    dataset = datasets()[DATASET]
    if question.kind == "tile":
        text = tiles.statement(dataset, ("base",), whole=True)
        return Statement(text.as_string(), tuple(tile_values(*place) for place in question.places), decoded=True)
    asked = [page_statement(dataset, ("base",), page(question, place)) for place in question.places]
    return Statement(asked[0][0].as_string(), tuple(values for _, values in asked))


def page(question: Question, place: Box | None) -> Page:
    """Return what our server reads of a question for features."""
    return Page(limit=question.size, area=place and area(place, CRS84, SRID))


def tile_values(z: int, x: int, y: int) -> dict[str, float]:
    """Return what the statement of a tile is given."""
    tile = Tile(z, x, y)
    return tiles.arguments(datasets()[DATASET], tile, tile.box(SRID, tiles.MARGIN))


def floor(base: Base) -> str:
    """Return how the superuser connects with the département's key: no rule holds it, our statement reads the same."""
    key = token_key(base.members["departement"].token)
    return make_conninfo(base.settings.dsn, options=f"-c app.key={key} -c app.usage=feature")
