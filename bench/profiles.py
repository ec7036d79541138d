"""`python -m bench.profiles`: what a profile costs that nobody had before, with every commune's agreements in place."""

import gc
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Annotated

import typer
from starlette.testclient import TestClient

from bench import department
from bench.department import Member
from bench.questions import tile_at
from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import Connection, connect, pool, query
from catalog.loader import datasets
from catalog.migrate import migrate
from catalog.model import USAGES
from catalog.settings import Settings, settings
from data_samples.department import FIRST_CODE, department_batches
from geosocle.cluster import Cluster
from hunter.members import TODAY
from services import context
from services.apis import Apis
from services.app import complete, lasting_app

ORGANISATIONS, DATASETS, PARCELS = 255, 20, 40
ASKED = (
    "/?f=html",
    "/collections?f=json",
    "/collections/parcelles?f=html",
    "/collections/parcelles/queryables?f=json",
    "/collections/parcelles/items?f=json&limit=10",
    "/collections/parcelles/items?f=html&limit=10",
    "/collections/parcelles/items?f=csv&limit=10",
    "/collections/parcelles/items?f=fgb&limit=10",
    "/collections/parcelles/items/{parcel}?f=html",
    "/collections/parcelles/items/{parcel}/plan.pdf",
    "/collections/parcelles/tiles/WebMercatorQuad/{z}/{y}/{x}",
    "/openapi?f=json",
)

Places = dict[str, dict[str, object]]


def main(
    organisations: Annotated[
        int, typer.Option(min=3, max=255, help="Organisations, chacune d'un profil à elle.")
    ] = ORGANISATIONS,
    asked: Annotated[int, typer.Option(min=1, max=255, help="Profils froids mesurés par adresse.")] = 40,
) -> None:
    """Mesure la première demande d'un profil froid, et la mémoire de chacun."""
    with Cluster.temporary() as cluster:
        own = settings(cluster.environment)
        migrate(own)
        department.fill(own, department_batches(communes=organisations, total=PARCELS * organisations))
        with connect(own, "admin") as connection, connection.transaction():
            members = add_members(connection, organisations)
            places = one_place_each(connection)
        held = min(DATASETS, len(datasets()))
        typer.echo(f"{organisations} organisations, {held} jeux de données chacune, autant de profils")
        typer.echo("première demande d'un profil froid (but : 100 ms) :")
        for path in ASKED:
            with started(own) as client:  # another server for each address: it has seen none of the profiles
                first, *times = first_requests(client, path, members[: asked + 1], places)
                words = f"médiane {median(times):3.0f} ms, pire {max(times):3.0f} ms ; du serveur {first:3.0f} ms"
                typer.echo(f"  {words}  {path.partition('&')[0]}")
        typer.echo(f"mémoire d'un profil : {memory(own, members[:asked]):.2f} Mio, OpenAPI compris (but : 1)")


def add_members(connection: Connection, count: int) -> list[Member]:
    """Add organisations, with an agreement on twenty datasets or all there are; no two profiles are alike."""
    return [add_member(connection, number) for number in range(count)]


def add_member(connection: Connection, number: int) -> Member:
    """Add the organisation of a commune, whose usages of some datasets are written in the bits of its number."""
    name, commune = f"commune-{number}", f"{FIRST_CODE + number:05d}"
    add_organisation(connection, name, name, "commune", [commune])
    rights = [
        Right(dataset, "base", USAGES if number >> bit & 1 else USAGES[:3], (commune,))
        for bit, dataset in enumerate(list(datasets())[:DATASETS])
    ]
    today = TODAY
    days = today - timedelta(days=1), today + timedelta(days=365)
    add_agreement(connection, name, name, "Mesure", *days, rights)
    return Member(name, issue_token(connection, name), (commune,))


@contextmanager
def started(own: Settings) -> Iterator[TestClient]:
    """Start the services in this process: no network is measured."""
    with TestClient(lasting_app(own)) as client:
        client.get("/collections?f=json")  # what the first request of all costs is no profile's
        client.get("/openapi?f=json")
        yield client


def one_place_each(connection: Connection) -> Places:
    """Return, by commune, one of its parcels and the tile of z16 that it is in."""
    return {
        commune: {"parcel": id} | dict(zip("zxy", tile_at(x, y, 16), strict=True))
        for commune, id, x, y in connection.execute(query("one_parcel_each", "bench"))
    }


def first_requests(client: TestClient, path: str, members: Sequence[Member], places: Places) -> list[float]:
    """Return the milliseconds of each member's first request, in a process that has seen none of their profiles."""
    times = []
    for member in members:
        address = path.format(**places[member.communes[0]])
        began = time.perf_counter()
        answer = client.get(address, headers={"Authorization": f"Bearer {member.token}"})
        times.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.text
    return times


def memory(own: Settings, members: list[Member]) -> float:
    """Return the MiB that a kept profile takes, its OpenAPI document with it."""
    apis = Apis(own)
    with pool(own, "web") as web:
        principals = [authenticate(web, member.token) for member in members]
        assert len({principal.profile for principal in principals}) == len(principals)
        tracemalloc.start()
        for principal in principals:
            with context.answering(context.Context(principal, web, own)):
                apis.documented(principal, complete)
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return size / len(principals) / 2**20


if __name__ == "__main__":
    typer.run(main)
