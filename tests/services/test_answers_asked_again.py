"""Every door: whether its answers may be kept, what is asked again, and that nothing tells hidden from missing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import uuid4

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from catalog.access import issue_token
from catalog.database import connect
from data_samples.aerial import limits
from services.app import create_app
from tests.conftest import clone, settings_of
from tests.services.conftest import AGREEMENTS, Served, granted, serving
from tests.services.doors import AGAIN, DOORS, GIVEN, HIDDEN, NEVER, PARCELS, ask, told
from tests.services.jobs.asking import export, job_of
from tests.services.maps.conftest import tile_at

TOMORROW = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
CONDITIONS = (
    "unconditionally",
    "unless anything",
    "unless since",
)  # by name: pytest's two processes have other seconds


@pytest.fixture(scope="module")
def site(cluster, loaded_template):
    """A server whose images are there, with an administrator."""
    with clone(cluster, loaded_template) as copy:
        tokens = granted(copy, AGREEMENTS)
        with connect(copy, "admin") as connection:
            tokens["association"] = issue_token(connection, "vide", administrator=True)
        with serving(replace(copy, files=settings_of(cluster, loaded_template).files)) as url:
            yield Served(url, copy, tokens)


@pytest.fixture(scope="module")
def names(site, world):
    """What addresses are filled with: a tile, a job of the département's, an identifier that is nobody's."""
    border = world.communes[0].geometry.intersection(world.communes[1].geometry)
    middle = border.intersection(limits(world)).interpolate(0.5, normalized=True)
    with site.client("departement") as client:
        job = job_of(export(client.request))
    return {"tile": tile_at(14, middle.x, middle.y), "job": job, "unknown": uuid4()}


def test_every_address_is_in_the_table(site):
    with TestClient(create_app(site.settings)) as client:
        app = client.app
    assert {route.path for route in app.routes if isinstance(route, Route)} == {*DOORS}


@pytest.mark.parametrize("name", GIVEN)
def test_what_is_given_is_the_callers_alone_and_asked_for_again_or_not_kept(site, names, name):
    door = DOORS[name]
    response = ask(site, door.who, door, door.given, names)
    assert response.status_code == door.status
    assert response.headers["cache-control"] == door.kept
    assert {"Authorization", "Cookie", "Accept", "Accept-Encoding"} <= {*response.headers["vary"].split(", ")}
    assert ("etag" in response.headers) == (door.kept == AGAIN)
    assert "last-modified" not in response.headers
    assert "expires" not in response.headers


@pytest.mark.parametrize("name", [name for name, door in GIVEN.items() if door.kept == AGAIN])
def test_what_the_caller_has_is_not_sent_again_and_a_date_says_nothing(site, names, name):
    door = DOORS[name]
    first = ask(site, door.who, door, door.given, names)
    tag = first.headers["etag"]
    again = ask(site, door.who, door, door.given, names, If_None_Match=tag)
    assert (again.status_code, again.content) == (304, b"")
    for header in ("cache-control", "vary", "etag"):
        assert again.headers[header] == first.headers[header]
    assert "content-encoding" not in again.headers
    lists = [f'"autre", {tag}', tag.removeprefix("W/"), "*"]
    assert {ask(site, door.who, door, door.given, names, If_None_Match=each).status_code for each in lists} == {304}
    stale = {"If_Modified_Since": TOMORROW}, {"If_None_Match": '"autre"', "If_Modified_Since": TOMORROW}
    assert {ask(site, door.who, door, door.given, names, **each).status_code for each in stale} == {200}
    with site.client(door.who) as client:
        path = door.given.format(**names) if "{" in door.given else door.given
        assert client.head(path).headers["etag"] == tag


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("condition", [{}, {"If_None_Match": "*"}, {"If_Modified_Since": TOMORROW}], ids=CONDITIONS)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_hidden_and_missing_are_the_same_to_the_last_header(site, names, name, condition, accept):
    door = DOORS[name]
    answers = [
        ask(site, door.stranger, door, path, names, Accept=accept, **condition) for path in (door.hidden, door.missing)
    ]
    hidden, missing = map(told, answers)
    assert hidden == missing
    assert hidden[0] == 404
    assert answers[0].headers["cache-control"] == NEVER
    assert not {"etag", "last-modified"} & {*answers[0].headers}


@pytest.mark.parametrize("name", HIDDEN)
def test_the_tag_of_whom_it_is_given_to_opens_nothing(site, names, name):
    door = DOORS[name]
    tag = ask(site, door.who, door, door.given, names).headers.get("etag", "*") if door.given else "*"
    assert ask(site, door.stranger, door, door.hidden, names, If_None_Match=tag).status_code == 404


@pytest.mark.parametrize(("path", "status"), [("/collections?f=x", 400), ("/collections", 401), ("/collections", 405)])
def test_a_refusal_is_not_kept(site, path, status):
    with site.client("commune-a") as client:
        headers = {"Authorization": "Bearer geosocle_faux"} if status == 401 else {}
        response = client.request("PUT" if status == 405 else "GET", path, headers=headers)
    assert (response.status_code, response.headers["cache-control"]) == (status, NEVER)


def test_a_page_of_items_has_the_tag_of_what_it_holds_whenever_it_is_made(site):
    with site.client("commune-a") as client:
        first = client.get(f"{PARCELS}/items?limit=3")
        made = first.json()["timeStamp"]
        while (later := client.get(f"{PARCELS}/items?limit=3")).json()["timeStamp"] == made:
            pass
        assert later.headers["etag"] == first.headers["etag"]
        assert client.get(f"{PARCELS}/items?limit=4").headers["etag"] != first.headers["etag"]


def test_files_of_pages_are_anybodys_and_asked_for_again(site):
    with site.client() as client:
        first = client.get("/static/geosocle.css")
        assert (first.status_code, first.headers["cache-control"]) == (200, "public, no-cache")
        assert first.headers["x-content-type-options"] == "nosniff"
        for condition in (
            ("If-None-Match", first.headers["etag"]),
            ("If-Modified-Since", first.headers["last-modified"]),
        ):
            again = client.get("/static/geosocle.css", headers=dict([condition]))
            assert (again.status_code, again.headers["cache-control"]) == (304, "public, no-cache")
