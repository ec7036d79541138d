"""Our server with the samples in it, for programs that are not ours: two neighbouring communes, each with its token."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from bench import peers
from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import Connection, connect
from catalog.loader import datasets
from catalog.migrate import migrate
from catalog.model import USAGES
from catalog.settings import settings
from data_samples.model import World
from hunter.members import TODAY
from tests import clusters

DATASETS = ("parcelles", "batiments", "etiquettes", "orthophotos", "anomalies")
EVERYTHING = "tout"  # who has every dataset of the first commune


@dataclass(frozen=True)
class Served:
    """Where our server listens, and the token of each commune that asks."""

    url: str
    tokens: dict[str, str]


@pytest.fixture(scope="session")
def neighbours(world: World) -> tuple[str, str]:
    """Two communes that share a limit: what one sees, the other must not."""
    first, second = world.communes[:2]
    assert first.geometry.intersects(second.geometry)
    return first.code, second.code


@pytest.fixture(scope="session")
def served(cluster, loaded_template, neighbours) -> Iterator[Served]:
    """Our services as `geosocle serve` runs them, on a copy of the samples."""
    name = f"served_{uuid4().hex}"
    clusters.copied(cluster, name, loaded_template)
    files, port = cluster.state / "files" / loaded_template, peers.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **cluster.environment,
        "GEOSOCLE_DSN": cluster.dsn_for(database=name),
        "GEOSOCLE_FILES": str(files),
        "GEOSOCLE_PUBLIC_URL": url,
    }
    own = settings(environment)
    migrate(own)
    with connect(own, "admin") as connection:
        tokens = {commune: admitted(connection, commune) for commune in neighbours}
        tokens[EVERYTHING] = admitted(connection, neighbours[0], EVERYTHING, tuple(datasets()))
    with peers.served([sys.executable, "-m", "geosocle", "serve", "--port", str(port)], url, environment):
        yield Served(url, tokens)
    cluster.drop_database(name)


def admitted(connection: Connection, commune: str, name: str | None = None, given: tuple[str, ...] = DATASETS) -> str:
    """Make a member that sees datasets of a commune's territory, and return its token."""
    organisation = name or f"commune-{commune}"
    add_organisation(connection, organisation, commune, "commune", [commune])
    rights = [Right(dataset, "base", USAGES, (commune,)) for dataset in given]
    days = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    add_agreement(connection, f"convention-{organisation}", organisation, "Essai", *days, rights)
    return issue_token(connection, organisation)


@pytest.fixture(scope="session")
def held(world: World, neighbours: tuple[str, str]) -> dict[str, set[str]]:
    """The parcels that each of the two communes holds in the invented world."""
    return {commune: {one.id for one in world.parcelles if one.commune == commune} for commune in neighbours}
