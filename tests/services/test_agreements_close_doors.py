"""A draft opens no door; what ends or is amended closes every door at the next request, copies included."""

from datetime import timedelta

import pytest

from catalog import lifecycle
from catalog.access import add_organisation, end_agreement, issue_token
from catalog.agreements import Agreement
from catalog.database import connect
from catalog.model import USAGES
from catalog.terms import Term
from hunter.members import TODAY
from tests.conftest import clone
from tests.hunting.world import A, B
from tests.services.conftest import Served, serving

DAY = timedelta(days=1)
HASH = "0" * 64
LATER = "Fri, 31 Dec 2100 00:00:00 GMT"
PARCEL = f"{A}0000A0001"
DOORS = (
    "/collections/parcelles",
    "/collections/parcelles/queryables",
    "/collections/parcelles/items?limit=1",
    "/collections/parcelles/items?f=csv&limit=1",
    f"/collections/parcelles/items/{PARCEL}",
    f"/collections/parcelles/items/{PARCEL}/plan.pdf",
    "/collections/parcelles/tiles/WebMercatorQuad/14/5771/8147",
    "/collections/orthophotos/map/tiles/WebMercatorQuad/15/11543/16295",
)


def agreement(communes=("territoire",), last_day=TODAY + DAY) -> Agreement:
    """The plan and the images over some communes, for all usages."""
    terms = tuple(Term(dataset, "base", USAGES, communes) for dataset in ("parcelles", "orthophotos"))
    return Agreement("c-1", "ici", "Essai", TODAY - DAY, last_day, terms)


@pytest.fixture(scope="module")
def bank(cluster, loaded_template):
    """A server over a copy of the samples, a member of commune A without rights, and the administrator's hand."""
    with clone(cluster, loaded_template) as own, serving(own) as url, connect(own, "admin") as admin:
        add_organisation(admin, "ici", "Ici", "commune", [A])
        yield Served(url, own, {"ici": issue_token(admin, "ici")}), admin


def statuses(served: Served) -> list[int]:
    """What the member is answered at each door."""
    return [served.get("ici", door).status_code for door in DOORS]


def test_each_step_of_an_agreement_holds_at_every_door_at_the_next_request(bank):
    served, admin = bank
    lifecycle.draft(admin, agreement())
    assert statuses(served) == [404] * len(DOORS)

    lifecycle.sign_draft(admin, "c-1", HASH)
    assert statuses(served) == [200] * len(DOORS)
    with served.client("ici") as client:
        tags = {door: client.get(door).headers.get("ETag") for door in DOORS}
        asked = client.post("/processes/export/execution", json={"inputs": {"dataset": "parcelles"}})
        job = asked.headers["Location"]
        assert client.get(job).status_code == 200
        assert any(client.get(d, headers={"If-None-Match": t}).status_code == 304 for d, t in tags.items() if t)

        lifecycle.amend(admin, agreement((B,)), HASH)
        assert client.get(f"/collections/parcelles/items/{PARCEL}").status_code == 404
        found = client.get("/collections/parcelles/items", params={"limit": 1000}).json()
        assert {feature["properties"]["commune"] for feature in found["features"]} == {B}
        assert client.get(job).status_code == 404

        lifecycle.amend(admin, agreement(), HASH)
        end_agreement(admin, "c-1", TODAY - DAY)
        assert statuses(served) == [404] * len(DOORS)
        for door, tag in tags.items():
            for condition in {"If-None-Match": tag or "*"}, {"If-None-Match": "*"}, {"If-Modified-Since": LATER}:
                assert client.get(door, headers=condition).status_code == 404
        assert client.get(job).status_code == 404
        assert client.get(f"{job}/results").status_code == 404
