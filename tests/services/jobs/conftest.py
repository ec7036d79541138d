"""Two communes with five parcels each, their organisations, and the application that they ask."""

import pytest
from starlette.testclient import TestClient

from catalog import access
from catalog.access import Right
from catalog.database import as_loader, connect, pool
from hunter.members import DAY, TODAY
from services.app import create_app
from services.running import Running, run
from tests.services.jobs.asking import A, B, caller

PARCELS = """
INSERT INTO cadastre.parcelles (id, commune, unite, edition, prefixe, section, numero, contenance, geom, feature)
SELECT commune || '000AA' || to_char(i, 'FM0000'), commune, 'f', '2026-07-01', '000', 'AA', to_char(i, 'FM0000'), 100,
       ST_Multi(ST_MakeEnvelope(360000 + 10 * i, 6630000, 360010 + 10 * i, 6630010, 2154)), '{'
FROM generate_series(1, 5) i, unnest(%s::text[]) commune
"""


@pytest.fixture
def world(database):
    """Two communes with five parcels each, and the organisation of each; nothing for the public."""
    with as_loader(database) as connection:
        connection.execute(PARCELS, [[A, B]])
    with connect(database, "admin") as connection:
        for name, code in (("ici", A), ("voisine", B)):
            access.add_organisation(connection, name, name, "commune", [code])
            rights = [Right("parcelles", "base", ("image", "feature", "file"), (code,))]
            access.add_agreement(connection, f"c-{name}", name, "essai", TODAY, TODAY + DAY, rights)
    return database


@pytest.fixture
def tokens(world):
    with connect(world, "admin") as connection:
        return {name: access.issue_token(connection, name) for name in ("ici", "voisine")}


@pytest.fixture
def app(world):
    with TestClient(create_app(world), base_url=world.public_url) as client:
        yield client


@pytest.fixture
def ici(app, tokens):
    return caller(app, tokens["ici"])


@pytest.fixture
def voisine(app, tokens):
    return caller(app, tokens["voisine"])


@pytest.fixture
def nobody(app):
    return caller(app)


@pytest.fixture
def work(world):
    """Run a job here and now, as the worker would."""
    with pool(world, "worker") as connections:
        yield lambda job: run(Running(world, connections), job, lambda: False)
