"""The samples as an application of its own serves them: two neighbours, a water operator, one that only looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from starlette.testclient import TestClient

from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import as_loader, connect
from catalog.migrate import migrate
from catalog.model import USAGES
from catalog.settings import Settings, settings
from data_samples.model import World
from hunter.members import TODAY
from services.app import create_app
from services.tile_grid import HALF_WORLD, Tile, transformer
from tests import clusters

DATASETS = ("parcelles", "batiments", "canalisations_eau", "orthophotos", "lieux_dits")
# What a delivery might bring as a name.
MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


@dataclass(frozen=True)
class Site:
    """An application and who may ask it: tokens by name."""

    client: TestClient
    tokens: dict[str, str]
    communes: tuple[str, str]

    def get(self, path: str, who: str | None = None, accept: str = "*/*") -> httpx.Response:
        """Ask as somebody, or as nobody."""
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {self.tokens[who]}"} if who else {})
        return self.client.get(path, headers=headers, follow_redirects=False)

    def page(self, path: str, who: str | None = None) -> httpx.Response:
        """Ask as a browser does."""
        return self.get(path, who, "text/html,application/xhtml+xml,*/*;q=0.8")


@pytest.fixture(scope="package")
def site(cluster, loaded_template, world: World) -> Iterator[Site]:
    """The samples, served to four organisations and to nobody."""
    name = f"maps_{uuid4().hex}"
    clusters.copied(cluster, name, loaded_template)
    files = cluster.state / "files" / loaded_template
    own = settings(
        {**cluster.environment, "GEOSOCLE_DSN": cluster.dsn_for(database=name), "GEOSOCLE_FILES": str(files)}
    )
    migrate(own)
    codes = world.communes[0].code, world.communes[1].code
    tokens = members(own, codes)
    poison(own, codes[0])
    with TestClient(create_app(own), base_url=own.public_url) as client:
        yield Site(client, tokens, codes)
    cluster.drop_database(name)


def members(own: Settings, codes: tuple[str, str]) -> dict[str, str]:
    """Make the organisations, and return their tokens."""
    here, there = codes
    rights = {
        "ici": [Right(dataset, "base", USAGES, (here,)) for dataset in DATASETS],
        "voisine": [Right(dataset, "base", USAGES, (there,)) for dataset in DATASETS],
        "eau": [
            Right("canalisations_eau", "base", USAGES, codes),
            Right("canalisations_eau", "technical", USAGES, (here,)),
        ],
        "regarde": [Right(dataset, "base", ("image",), (here,)) for dataset in ("parcelles", "orthophotos")],
    }
    today = TODAY
    with connect(own, "admin") as connection:
        public = [Right(dataset, "base", USAGES, codes) for dataset in ("communes", "sections")]
        add_agreement(connection, "tous", "public", "essai", today, today, public)
        for name, given in rights.items():
            add_organisation(connection, name, name, "commune", [here])
            add_agreement(connection, name, name, "essai", today, today, given)
        return {name: issue_token(connection, name) for name in rights}


def poison(own: Settings, commune: str) -> None:
    """Give one place a name that is markup, as the loader would write it."""
    with as_loader(own) as connection:
        connection.execute(
            """
            UPDATE cadastre.lieux_dits
            SET nom = %(name)s, feature = replace(feature, to_json(nom)::text, to_json(%(name)s::text)::text)
            WHERE id = (SELECT min(id) FROM cadastre.lieux_dits WHERE commune = %(commune)s)
            """,
            {"name": MARKUP, "commune": commune},
        )


@pytest.fixture(scope="session")
def markup() -> str:
    """The name that is markup."""
    return MARKUP


def tile_at(zoom: int, x: float, y: float, srid: int = 2154) -> Tile:
    """The tile that holds a point."""
    east, north = transformer(srid, 3857).transform(x, y)
    side = 2 * HALF_WORLD / 2**zoom
    return Tile(zoom, int((east + HALF_WORLD) // side), int((HALF_WORLD - north) // side))


@pytest.fixture(scope="session")
def tile_of():
    """A function: zoom and a point → the tile that holds it."""
    return tile_at
