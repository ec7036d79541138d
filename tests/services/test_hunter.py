"""The leak hunter: random callers, doors and parameters, against what the oracle says."""

import os
from collections.abc import Iterator

import pytest

from tests.hunter.doors import DOORS
from tests.hunter.hunt import Hunt
from tests.hunter.serving import hunting_on

REQUESTS = int(os.environ.get("GEOSOCLE_HUNT_REQUESTS", "2000"))
SEED = int(os.environ.get("GEOSOCLE_HUNT_SEED", "85"))


@pytest.fixture(scope="module")
def hunting(cluster, loaded_template, world) -> Iterator[Hunt]:
    """A hunt against a server on the samples, under the test's own agreements."""
    with hunting_on(cluster, loaded_template, world, SEED) as hunt:
        yield hunt


def test_two_thousand_random_requests_answer_as_the_oracle_says(hunting, capsys):
    hunting.run(DOORS, REQUESTS)
    with capsys.disabled():
        print(f"\n{hunting.report()}")
    assert hunting.objects > REQUESTS
