"""What is hidden and what was never there: the same answer for the same work of the database, at every door.

Each pair is asked over HTTP of the real application, and the database's own log tells every statement and every step.
"""

from contextlib import ExitStack
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from catalog.access import token_key
from catalog.database import connect, pool
from services.running import Running, run
from tests.conftest import clone, settings_of
from tests.hunting.world import A, B
from tests.services.conftest import AGREEMENTS, Served, granted, serving
from tests.services.doors import HIDDEN, PARCELS, PLAN, Door, sent, told
from tests.services.jobs.asking import export, job_of
from tests.services.maps.conftest import tile_at
from tests.steps import recorded

EXPORT = "/processes/export/execution"
EXPLAINED = "/access/explain?organisation=commune-b&dataset=parcelles"
PIPES, IMAGES = "/collections/canalisations_eau/items", "/collections/orthophotos"


def job(end="", method="GET"):
    """A door to one job: of the département's, which is whole, and of nobody's."""
    return Door(hidden=f"/jobs/{{whole}}{end}", missing=f"/jobs/{{unknown}}{end}", method=method)


PAIRS = HIDDEN | {
    "a job": job(),
    "a job's page": job("?f=html"),
    "a job's file": job("/results"),
    "a job's file, its head": job("/results", "HEAD"),
    "a job given up": job(method="DELETE"),
    "an explanation": Door(hidden=f"{EXPLAINED}&feature={B}0000A0001", missing=f"{EXPLAINED}&feature={B}0000A9999"),
    "an explanation's page": Door(hidden=f"{EXPLAINED}&f=html", missing="/access/explain?organisation=personne&f=html"),
    "a dataset's page": Door(hidden="/collections/canalisations_eau?f=html", missing="/collections/inconnu?f=html"),
    "a parcel's page": Door(
        hidden=f"{PARCELS}/items/{B}0000A0001?f=html", missing=f"{PARCELS}/items/{B}0000A9999?f=html"
    ),
    "a count": Door(hidden=f"{PIPES}?resulttype=hits", missing="/collections/inconnu/items?resulttype=hits"),
    "a table": Door(hidden=f"{PIPES}?f=csv", missing="/collections/inconnu/items?f=csv"),
    "an image's items": Door(hidden=f"{IMAGES}/items", missing="/collections/inconnu/items"),
    "a property of a hidden group": Door(
        hidden=f"{PIPES}?filter=materiau='x'", missing=f"{PIPES}?filter=licorne='x'", stranger="departement"
    ),
    "an order by a hidden group": Door(
        hidden=f"{PIPES}?sortby=materiau", missing=f"{PIPES}?sortby=licorne", stranger="departement"
    ),
}
SENT = {  # to EXPORT: what is hidden, what was never there
    "a hidden dataset": ({"dataset": "canalisations_eau"}, {"dataset": "inconnu"}),
    "a hidden commune": ({"dataset": "parcelles", "communes": [B]}, {"dataset": "parcelles", "communes": ["99999"]}),
    "a commune beside ours": (
        {"dataset": "parcelles", "communes": [A, B]}, {"dataset": "parcelles", "communes": [A, "99999"]},
    ),
}  # fmt: skip

MORE_JOBS = """
INSERT INTO jobs.jobs (key, organisation, token, process, inputs, holds)
SELECT more.id || ' ' || j.id, organisation, token, process, inputs, holds
FROM (SELECT * FROM jobs.jobs LIMIT 1) j, LATERAL (SELECT gen_random_uuid() FROM generate_series(1, 50)) more (id)
"""


@pytest.fixture(scope="module")
def site(cluster, loaded_template):
    """A server that tells what its database does."""
    with clone(cluster, loaded_template) as copy:
        tokens = granted(copy, AGREEMENTS)
        copy = replace(copy, files=settings_of(cluster, loaded_template).files)
        with recorded(cluster, copy) as (own, recorder), serving(own) as url:
            yield Served(url, own, tokens), recorder


@pytest.fixture(scope="module")
def names(site, world):
    """What addresses are filled with: a place, two jobs of the département's, one of them whole, and nobody's."""
    served, _ = site
    middle = world.communes[0].geometry.intersection(world.communes[1].geometry).interpolate(0.5, normalized=True)
    with served.client("departement") as client:
        waiting, whole = (job_of(export(client.request, communes=[A])) for _ in range(2))
    with pool(replace(served.settings, pool_size=2), "worker") as connections:
        run(Running(served.settings, connections), UUID(whole), lambda: False)
    assert served.get("departement", f"/jobs/{whole}/results").status_code == 200
    return {"tile": tile_at(14, middle.x, middle.y), "job": waiting, "whole": whole, "unknown": uuid4()}


def same(recorder, *asking):
    """Assert that each asking has the same answer for the same steps, and return both of the first."""
    found = [recorder.of(each) for each in asking]
    assert [told(answer) for answer, _ in found] == [told(found[0][0])] * len(found)
    assert [steps for _, steps in found] == [found[0][1]] * len(found)
    assert len(found[0][1]) > 20  # who asks is found out by more than that
    return found[0]


@pytest.fixture(scope="module")
def clients(site):
    """What asks as each organisation."""
    served, _ = site
    with ExitStack() as stack:
        yield {
            who: stack.enter_context(served.client(who)) for who in ("commune-a", "commune-b", "departement", "eaux")
        }


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_hidden_takes_the_steps_of_what_was_never_there(site, clients, names, name):
    door, client = PAIRS[name], clients[PAIRS[name].stranger]
    same(site[1], *(lambda path=path: sent(client, door, path, names) for path in (door.hidden, door.missing)))


@pytest.mark.parametrize("name", SENT)
def test_an_export_of_what_is_hidden_takes_the_steps_of_one_of_nothing(site, clients, name):
    client, asked = clients["commune-a"], [{"inputs": inputs} for inputs in SENT[name]]
    answer, _ = same(site[1], *(lambda each=each: client.post(EXPORT, json=each) for each in asked))
    assert answer.status_code == 404
    assert client.post(EXPORT, json={"inputs": {"dataset": "parcelles", "communes": [A]}}).status_code == 201


def test_a_plan_of_a_hidden_parcel_takes_the_steps_of_one_of_nothing(site, clients):
    client = clients["commune-a"]
    asked = [{"inputs": {"parcelle": f"{B}0000{number}"}} for number in ("A0001", "A9999")]
    answer, _ = same(site[1], *(lambda each=each: client.post(f"{PLAN}/execution", json=each) for each in asked))
    assert answer.status_code == 404


def test_ones_own_jobs_are_listed_and_counted_by_the_same_steps_however_many_others_have(site, clients, names):
    (served, recorder), client = site, clients["commune-b"]
    key = [token_key(served.tokens["commune-b"])]
    with connect(served.settings, "web") as web, connect(served.settings, "admin") as admin:

        def counted():
            with web.transaction():
                web.execute("SELECT set_config('app.key', %s, true)", key)
                return web.execute("SELECT jobs.pending()").fetchone()

        admin.execute(MORE_JOBS)
        before = [recorder.of(each)[1] for each in (lambda: client.get("/jobs"), counted)]
        admin.execute(MORE_JOBS)
        assert [recorder.of(each)[1] for each in (lambda: client.get("/jobs"), counted)] == before
        assert client.get("/jobs").json()["jobs"] == [] and counted() == (0,)
