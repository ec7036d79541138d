"""`python -m bench.isolation`: what readers' REPEATABLE READ costs beside READ COMMITTED, asked in turn in one run.

Two levels, the same questions, the same rows: through the pool, over HTTP by one client and by sixteen, and all of it
again while a loader writes.
"""

import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median
from threading import Event, Thread
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from psycopg import sql

from bench import ours
from bench.database import Base, versions
from bench.department import add_members, fill, publish, stage
from bench.questions import tile_at
from catalog import database
from catalog.access import authenticate
from catalog.database import Pool, as_loader, as_principal, connect, pool, query
from catalog.loader import datasets
from catalog.migrate import migrate
from catalog.model import Principal, Usage
from catalog.settings import settings
from data_samples.department import department_batches
from etl.tables import tables
from geosocle.cluster import Cluster
from services.app import lasting_app
from services.columns import columns_of
from services.parameters import Page, read_page
from services.providers import tiles
from services.statements import count_statement, item_statement, page_statement

COMMITTED = "BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY"
CLIENTS = 1, 16
FEWEST = 2  # requests of a round at each level, however slow
PARCELS = datasets()[ours.DATASET]

Ask = Callable[[], object]
Pair = tuple[Ask, Ask]  # the product's level, then the other


@dataclass(frozen=True, slots=True)
class Door:
    """One question: as a statement with its values, and as an address."""

    name: str
    statement: sql.Composed
    values: dict[str, Any]
    path: str
    usage: Usage = "feature"


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians in milliseconds at both levels, and the ratio of the medians of each round."""

    ours: float
    other: float
    ratios: tuple[float, ...]

    def __str__(self) -> str:
        spread = f"{min(self.ratios):.2f} à {max(self.ratios):.2f}"
        return f"{self.ours:8.3f} ms, {self.other:8.3f} ms, rapport {median(self.ratios):.2f} ({spread})"


def main(
    parcels: Annotated[int, typer.Option(min=20_000, help="Parcelles du département inventé.")] = 40_000,
    rounds: Annotated[int, typer.Option(min=1, help="Tours ; un rapport par tour.")] = 7,
    seconds: Annotated[float, typer.Option(min=0.1, help="Durée d'un tour d'une question.")] = 0.4,
) -> None:
    """Mesure REPEATABLE READ contre READ COMMITTED : objet, pages, tuile, décompte."""
    with Cluster.temporary() as cluster:
        base = filled(cluster, parcels)
        asked = doors(base)
        with ours.server(base) as url, ours.server(base, application="bench.isolation:create_committed_app") as other:
            for written in (False, True):
                typer.echo("un chargement écrit pendant ce temps" if written else "personne n'écrit")
                with loading(base) if written else nullcontext():
                    report(base, asked, (url, other), rounds, seconds)


def create_committed_app() -> object:
    """Assemble the services at the other level: for this bench alone."""
    database.BEGIN = COMMITTED
    return lasting_app()


def filled(cluster: Cluster, parcels: int) -> Base:
    """Put a département in a cluster."""
    own = settings({**cluster.environment, "GEOSOCLE_POOL_SIZE": "8"})
    migrate(own)
    fill(own, department_batches(communes=parcels // 2000, total=parcels))
    return Base(cluster, own, add_members(own, parcels // 2000), versions(own))


def doors(base: Base) -> list[Door]:
    """Return what is asked, at a place and of an object in the middle."""
    middle = "SELECT id, ST_X(c), ST_Y(c) FROM (SELECT id, ST_Centroid(geom) c FROM cadastre.parcelles) p"
    with connect(base.settings, "admin") as connection:
        id, x, y = connection.execute(f"{middle} ORDER BY id OFFSET 12000 LIMIT 1").fetchone()
    z, column, row = tile_at(x, y, 14)
    items = f"/collections/{ours.DATASET}/items"
    counted = read_page((("contenance", "500"),), b"", columns_of(PARCELS, ("base",)), ours.SRID, 1)
    return [
        Door("un objet", item_statement(PARCELS, ("base",), Page(limit=1)), {"id": id}, f"{items}/{id}?f=json"),
        *(
            Door(
                f"page de {size}", *page_statement(PARCELS, ("base",), Page(limit=size)), f"{items}?f=json&limit={size}"
            )
            for size in (10, 1000)
        ),
        Door(
            "tuile z14",
            tiles.statement(PARCELS, ("base",), whole=True),
            ours.tile_values(z, column, row),
            f"/collections/{ours.DATASET}/tiles/WebMercatorQuad/14/{row}/{column}?f=mvt",
            "tile",
        ),
        Door(
            "décompte", *count_statement(PARCELS, ("base",), counted), f"{items}?f=json&resulttype=hits&contenance=500"
        ),
    ]


def report(base: Base, asked: list[Door], urls: tuple[str, str], rounds: int, seconds: float) -> None:
    """Measure each door each way, and say it."""
    token = base.members["departement"].token
    with pool(base.settings, "web") as web:
        principal = authenticate(web, token)
        for door in asked:
            cost = compared([through_pool(web, principal, door)], rounds, seconds)
            typer.echo(f"  {door.name:13} SQL               {cost}")
    for clients in CLIENTS:
        for door in asked:
            pairs = [over_http(urls, door, token) for _ in range(clients)]
            cost = compared(pairs, rounds, seconds)
            typer.echo(f"  {door.name:13} HTTP, {clients:2} client(s) {cost}")


def compared(pairs: list[Pair], rounds: int, seconds: float) -> Cost:
    """Ask both in turn, so that what disturbs the machine disturbs both alike; each client has a pair of its own."""
    with ThreadPoolExecutor(len(pairs)) as threads:
        list(threads.map(lambda pair: alternated(pair, seconds), pairs))
        medians = []
        for _ in range(rounds):
            told = list(threads.map(lambda pair: alternated(pair, seconds), pairs))
            medians.append(tuple(median(ms for each in told for ms in each[level]) for level in (0, 1)))
    ours, others = zip(*medians, strict=True)
    return Cost(median(ours), median(others), tuple(one / other for one, other in medians))


def alternated(pair: Pair, seconds: float) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each request at each level, as many; each is the first every other time."""
    found: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    while len(found[0]) < FEWEST or time.perf_counter() < end:
        for level in (0, 1) if len(found[0]) % 2 else (1, 0):
            began = time.perf_counter()
            pair[level]()
            found[level].append(1000 * (time.perf_counter() - began))
    return found


def through_pool(web: Pool, principal: Principal, door: Door) -> Pair:
    """Ask by a statement, in the transaction that every door opens, begun at either level."""

    def asked(begin: str) -> object:
        product, database.BEGIN = database.BEGIN, begin
        try:
            with as_principal(web, principal, door.usage) as connection:
                return connection.execute(door.statement, door.values).fetchall()
        finally:
            database.BEGIN = product

    level = database.BEGIN
    return lambda: asked(level), lambda: asked(COMMITTED)


def over_http(urls: tuple[str, str], door: Door, token: str) -> Pair:
    """Ask two servers, each over a connection that is kept."""

    def asked(connection: http.client.HTTPConnection) -> None:
        connection.request("GET", door.path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body

    first, second = (http.client.HTTPConnection(urlsplit(url).netloc, timeout=60) for url in urls)
    return lambda: asked(first), lambda: asked(second)


@contextmanager
def loading(base: Base) -> Iterator[None]:
    """Publish a commune again and again, as the loader does, for the time of a block."""
    stopped = Event()
    thread = Thread(target=publish_until, args=(base, stopped))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def publish_until(base: Base, stopped: Event) -> None:
    """Serve the last commune anew, transaction after transaction."""
    parcels = tables(PARCELS)[0]
    *_, batch = department_batches(communes=len(base.members["departement"].communes), total=20_000)
    commune = batch[0][1]
    with as_loader(base.settings) as connection:
        stage(connection, parcels, batch)
    while not stopped.is_set():
        with as_loader(base.settings) as connection:
            connection.execute(query("empty_commune", "bench"), [commune])
            publish(connection, parcels, commune)


if __name__ == "__main__":
    typer.run(main)
