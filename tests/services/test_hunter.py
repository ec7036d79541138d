"""The leak hunter: random callers, doors and parameters, against what the oracle says."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from data_samples.edition import second_edition
from hunter.doors import DOORS, WORKED
from hunter.hunt import Hunt
from tests.hunting.serving import hunting_on, load_second_edition

# A picture has no place; rio-tiler silences this by a context that threads undo for each other.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

REQUESTS = int(os.environ.get("GEOSOCLE_HUNT_REQUESTS", "2000"))
THREADS = 16
SEED = int(os.environ.get("GEOSOCLE_HUNT_SEED", "85"))


@pytest.fixture(scope="module")
def hunting(cluster, loaded_template, world) -> Iterator[Hunt]:
    """A hunt against a server on the samples, under the test's own agreements."""
    later = second_edition(world)
    with hunting_on(cluster, loaded_template, world, SEED, load_second_edition, worker=True, later=later) as hunt:
        yield hunt


def test_two_thousand_random_requests_answer_as_the_oracle_says(hunting, capsys):
    hunting.run(WORKED, REQUESTS)
    with capsys.disabled():
        print(f"\n{hunting.report()}")
    assert hunting.objects > REQUESTS


def test_sixteen_threads_on_a_small_pool_get_their_own_answers(cluster, loaded_template, world):
    with hunting_on(cluster, loaded_template, world, SEED, pool_size=4) as first:
        url, hunts = first.client.base_url, []
        with ExitStack() as clients, ThreadPoolExecutor(THREADS) as threads:
            for number in range(THREADS):
                client = clients.enter_context(httpx.Client(base_url=url, timeout=60))
                hunts.append(Hunt(client, first.oracle, first.members, SEED + number))
            for done in [threads.submit(hunt.run, DOORS, REQUESTS // THREADS // 2) for hunt in hunts]:
                done.result()
    assert sum(hunt.requests for hunt in hunts) >= THREADS * (REQUESTS // THREADS // 2)
