"""The leak hunter: random callers, doors and parameters, against what the oracle says."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial

import httpx
import pytest

from data_samples.edition import second_edition
from hunter.doors import DOORS, WORKED
from hunter.hunt import Hunt, Leak
from hunter.machine import hunt_by_machine
from tests.hunting import coverage
from tests.hunting.pooling import pooling, program
from tests.hunting.serving import deliver_second_edition, hunting_on, load_second_edition

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


def test_every_address_format_and_collection_that_is_told_of_was_a_door(hunting):
    whole = next(one for one in hunting.members if one.name == "chasse-departement")
    document = hunting.ask(whole, "/openapi", [("f", "json")]).json()
    told = coverage.told(document) - set(coverage.EXCEPTIONS)
    named = set(coverage.collections(document["paths"])) | set(hunting.oracle.things)

    def missed() -> set:
        asked = set(coverage.collections(path for _, path, _ in hunting.given))
        return (told - coverage.given(hunting.given)) | (named - asked)

    for _ in range(12):  # what is rare may not have been drawn yet
        if missed():
            hunting.run(WORKED, hunting.requests + 500)
    assert not missed(), "no door of the hunter's asks these"
    assert named > {"mutations", "anomalies", "locaux_personnes_morales"}


def test_sixteen_threads_on_a_small_pool_get_their_own_answers(cluster, loaded_template, world, capsys):
    with hunting_on(cluster, loaded_template, world, SEED, pool_size=4) as first:
        together(first, capsys)


@pytest.mark.skipif(program() is None, reason="PgBouncer n'est pas installé")
def test_sixteen_threads_behind_pgbouncer_get_their_own_answers(behind_pgbouncer, capsys):
    with behind_pgbouncer(pooled=True) as first:
        together(first, capsys)


@pytest.mark.skipif(program() is None, reason="PgBouncer n'est pas installé")
def test_behind_pgbouncer_statements_must_not_be_prepared(behind_pgbouncer, capsys):
    with behind_pgbouncer(pooled=False) as first, pytest.raises(Leak, match="status 50"):
        together(first, capsys)


@pytest.fixture
def behind_pgbouncer(cluster, loaded_template, world, monkeypatch):
    """Gives a hunt whose server reaches the database through four connections of PgBouncer's."""

    @contextmanager
    def hunting(pooled: bool) -> Iterator[Hunt]:
        def stand_between(settings) -> None:
            monkeypatch.setenv("GEOSOCLE_WEB_DSN", stack.enter_context(pooling(settings, size=4)))

        with (
            ExitStack() as stack,
            hunting_on(cluster, loaded_template, world, SEED, stand_between, pool_size=16, pooled=pooled) as hunt,
        ):
            yield hunt

    return hunting


def together(first: Hunt, capsys) -> None:
    """Hunt from many threads at once, each with its own draws."""
    with ExitStack() as clients, ThreadPoolExecutor(THREADS) as threads:
        hunts = []
        for number in range(THREADS):
            client = clients.enter_context(httpx.Client(base_url=first.client.base_url, timeout=60))
            hunts.append(Hunt(client, first.oracle, first.members, SEED + number))
        for done in [threads.submit(hunt.run, DOORS, REQUESTS // THREADS // 2) for hunt in hunts]:
            done.result()
    asked = sum(hunt.requests for hunt in hunts)
    with capsys.disabled():
        print(f"\n{asked} requests from {THREADS} threads, 0 leaked, 0 missing")
    assert asked >= THREADS * (REQUESTS // THREADS // 2)


def test_sequences_of_requests_and_changes_answer_as_the_oracle_says(cluster, loaded_template, world, capsys):
    reload = partial(deliver_second_edition, world)
    with hunting_on(cluster, loaded_template, world, SEED, worker=True, reload=reload) as hunt:
        hunt_by_machine(hunt, hunt.actions, WORKED, examples=max(10, REQUESTS // 100))
    with capsys.disabled():
        print(f"\n{hunt.report()}")
    assert hunt.doors["change"] > hunt.requests / 20
    assert hunt.actions.reload is None, "no edition was delivered"
