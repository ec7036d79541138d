"""What `geosocle serve` writes while it is asked with credentials of every kind, in every place: none of them."""

import sys

import httpx
import pytest

from bench import peers
from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import connect
from hunter.members import DAY, TODAY
from tests.conftest import clone
from tests.hunting.world import A

BAD = "geosocle_" + "z" * 43
COOKIE = "k" * 43
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
ITEMS = "/collections/parcelles/items"


@pytest.fixture(scope="module")
def talking(cluster, loaded_template):
    """A served copy of the samples: its address, a good token, and what reads its log."""
    with clone(cluster, loaded_template) as own:
        with connect(own, "admin") as admin:
            add_organisation(admin, "ici", "Ici", "commune", [A])
            right = Right("parcelles", "base", ("feature",), (A,))
            add_agreement(admin, "c-ici", "ici", "essai", TODAY - DAY, TODAY + DAY, [right])
            token = issue_token(admin, "ici")
        port = peers.free_port()
        url = f"http://127.0.0.1:{port}"
        environment = cluster.environment | {"GEOSOCLE_DSN": own.dsn, "GEOSOCLE_FILES": str(own.files)}
        command = [sys.executable, "-m", "geosocle", "serve", "--port", str(port), "--workers", "1"]
        with peers.served(command, url, environment | {"GEOSOCLE_LOGIN_FAILURES": "5"}) as log:
            yield url, token, log


@pytest.mark.parametrize("form", ["json", "html", "jsonld"])
def test_the_links_of_a_page_are_worth_nothing_without_the_token_that_they_do_not_hold(talking, form):
    url, good, _ = talking
    for headers in ({"Authorization": f"Bearer {good}"}, {"Authorization": httpx.BasicAuth("x", good)._auth_header}):
        page = httpx.get(url + ITEMS, params={"limit": 2, "f": form}, headers=headers)
        assert page.status_code == 200
        assert good not in page.text + str(page.headers)
    if form == "json":
        (following,) = [each["href"] for each in page.json()["links"] if each["rel"] == "next"]
        assert httpx.get(following).status_code == 404
        assert httpx.get(following, headers=headers).json()["numberReturned"] == 2


def requests(url, good):
    """Requests with credentials where they belong and where they do not."""
    for token in (good, BAD, JWT):
        yield httpx.Request("GET", url + ITEMS, headers={"Authorization": f"Bearer {token}"})
        yield httpx.Request("GET", url + ITEMS, headers={"Authorization": httpx.BasicAuth("qgis", token)._auth_header})
        for name in ("token", "access_token", "authkey"):
            yield httpx.Request("GET", url + ITEMS, params={name: token})
            yield httpx.Request("GET", url + ITEMS, params={name: token}, headers={"Authorization": f"Bearer {good}"})
            yield httpx.Request("GET", url + "/connexion/retour", params={"code": token, "state": token})
        yield httpx.Request("GET", f"{url}/collections/{token}/items")
        yield httpx.Request("POST", url + "/processes/export/execution", json={"inputs": {"dataset": token}})
        yield httpx.Request("GET", f"{url}/%ff/{token}", headers={"Referer": f"{url}/?token={token}"})
    for number in range(6):
        yield httpx.Request("GET", url + ITEMS, headers={"Cookie": f"geosocle={COOKIE[:-1]}{number}"})


def test_no_credential_is_written_nor_told_again(talking):
    url, good, log = talking
    with httpx.Client(timeout=30) as client:
        answers = [client.send(request) for request in requests(url, good)]
    assert {200, 400, 401, 404, 429} <= {answer.status_code for answer in answers}
    written = log()
    assert "Trop d'identifications refusées depuis 127.0.0.1" in written  # it does write
    told = [answer.text + str(answer.headers) for answer in answers]
    for secret in (good, BAD, JWT, COOKIE[:-1], "z" * 20):
        assert secret not in written
        assert not any(secret in each for each in told)
