"""The leak hunter: random callers, doors and parameters, against what the oracle says."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.conftest import clone, settings_of
from tests.hunter import documents, items, tiles
from tests.hunter.hunt import Hunt
from tests.hunter.members import agreements
from tests.hunter.oracle import Oracle
from tests.hunter.serving import grant, serving
from tests.hunter.world import things

REQUESTS = int(os.environ.get("GEOSOCLE_HUNT_REQUESTS", "2000"))
SEED = int(os.environ.get("GEOSOCLE_HUNT_SEED", "85"))

DOORS = {
    "items": (items.items, 20),
    "hits": (items.hits, 6),
    "item": (items.item, 12),
    "html": (items.html, 5),
    "hidden property": (items.hidden_property, 8),
    "list": (documents.lists, 4),
    "described": (documents.described, 8),
    "openapi": (documents.openapi, 2),
    "page": (documents.pages, 4),
    "nowhere": (documents.nowhere, 4),
    "nonsense": (documents.nonsense, 6),
    "conditional": (documents.conditional, 5),
    "vector tile": (tiles.vector, 14),
    "map tile": (tiles.image, 8),
}


@pytest.fixture(scope="module")
def hunting(cluster, loaded_template, world) -> Iterator[Hunt]:
    """A hunt against a server on the samples, under the test's own agreements."""
    granted = agreements()
    with clone(cluster, loaded_template) as own:
        shutil.copytree(settings_of(cluster, loaded_template).files, own.files, dirs_exist_ok=True)
        members = grant(own, granted)
        oracle = Oracle(things(world), {agreement.id: agreement for agreement in granted})
        with serving(own) as client:
            yield Hunt(client, oracle, members, SEED)


def test_two_thousand_random_requests_answer_as_the_oracle_says(hunting, capsys):
    hunting.run(DOORS, REQUESTS)
    with capsys.disabled():
        print(f"\n{hunting.report()}")
    assert hunting.objects > REQUESTS
