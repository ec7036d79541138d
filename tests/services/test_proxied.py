"""Behind nginx as the documentation has it: over TLS, whose failures are whose, links, cookies, what is kept."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from catalog.access import Right, token_key
from catalog.database import connect, pool
from catalog.identities import add_identity, open_session, remove_identity
from tests.conftest import clone
from tests.hunting.world import A, B
from tests.services.behind import nginx, nginx_with_tls
from tests.services.conftest import Served, granted, serving

PAGE = Path(__file__).parents[2] / "docs" / "mandataire.md"
PUBLIC = "https://cartes.exemple.fr"
SERVICE = "http://127.0.0.1:5000"
ITEMS = "/collections/parcelles/items?limit=5"


def recommended(url):
    """The server that the page gives, before this one."""
    server = re.search(r"```nginx\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]
    assert SERVICE in server
    return server.replace(SERVICE, url)


def location(url):
    """What it says of where requests go, which needs no certificate."""
    return re.search(r"location / \{.*?\}", recommended(url), re.DOTALL)[0]


@pytest.fixture(scope="module")
def members(cluster, loaded_template):
    """Two neighbours, over a copy of the samples."""
    with clone(cluster, loaded_template) as own:
        rights = {one: [Right("parcelles", "base", ("feature",), (c,))] for one, c in (("ici", A), ("voisine", B))}
        yield Served("", own, granted(own, rights))


def refused(front, address, secret):
    """The status of a bad credential from one address of this machine, which claims to be another."""
    headers = {"Authorization": f"Bearer {secret}", "X-Forwarded-For": f"10.0.0.{len(secret)}"}
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as client:
        return client.get(f"{front}/collections", headers=headers).status_code


@pytest.mark.parametrize(
    ("proxies", "neighbour"),
    [("127.0.0.1", 401), ("127.0.0.0/30", 401), ("", 429), ("192.0.2.1", 429)],
    ids=["trusted", "trusted network", "nobody trusted", "another trusted"],
)
def test_failures_are_the_callers_own_where_the_proxy_is_trusted(members, tmp_path, proxies, neighbour):
    settings = replace(members.settings, login_failures=3)
    with serving(settings, proxies=proxies) as url, nginx(tmp_path, location(url)) as front:
        tries = [refused(front, "127.0.0.2", "geosocle_" + "x" * number) for number in range(4)]
        assert tries == [401, 401, 401, 429]
        assert refused(front, "127.0.0.3", "geosocle_autre") == neighbour


def test_nobody_but_the_proxy_is_believed_about_where_it_comes_from(members):
    with serving(replace(members.settings, login_failures=3), proxies="192.0.2.1") as url:
        tries = [refused(url, "127.0.0.2", "geosocle_" + "x" * number) for number in range(4)]
    assert tries == [401, 401, 401, 429]


@pytest.fixture(scope="module")
def public(members, tmp_path_factory):
    """A client of the public address: the whole block of the page, with a certificate."""
    folder = tmp_path_factory.mktemp("tls")
    with (
        serving(members.settings, public_url=PUBLIC, proxies="127.0.0.1") as url,
        nginx_with_tls(folder, recommended(url)) as (front, trust),
        httpx.Client(base_url=front, verify=trust) as client,
    ):
        yield client


def authorized(members, who, **headers):
    return {"Authorization": f"Bearer {members.tokens[who]}", **headers}


def test_each_has_its_own_and_is_told_what_it_has(members, public):
    first = {who: public.get(ITEMS, headers=authorized(members, who)) for who in members.tokens}
    assert len({answer.content for answer in first.values()}) == 2
    for who, answer in first.items():
        tags = {other: {"If-None-Match": first[other].headers["etag"]} for other in first}
        statuses = {o: public.get(ITEMS, headers=authorized(members, who, **tags[o])).status_code for o in first}
        assert statuses == {other: 304 if other == who else 200 for other in first}
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert answer.headers["content-encoding"] == "gzip"
    assert public.get(ITEMS).status_code == 404


def test_links_and_cookies_are_of_the_public_address(public):
    links = public.get("/?f=json").json()["links"]
    assert all(link["href"].startswith(PUBLIC) for link in links)
    left = public.post("/deconnexion", headers={"Origin": PUBLIC})
    assert (left.status_code, left.headers["location"]) == (303, f"{PUBLIC}/")
    cookie, *parts = left.headers["set-cookie"].split("; ")
    assert cookie.startswith("__Host-geosocle=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {*parts}
    assert not any(part.startswith("Domain") for part in parts)


@pytest.fixture
def cookie(members):
    """The cookie of somebody who signed in, as its browser sends it over TLS."""
    secret, issuer, claims = "a" * 43, "https://comptes.exemple.fr", {"sub": "alice"}
    with connect(members.settings, "admin") as connection, pool(members.settings, "web") as web:
        id = add_identity(connection, "ici", issuer, claims)
        assert open_session(web, token_key(secret), issuer, claims, datetime.now(UTC) + timedelta(hours=1))
        yield {"Cookie": f"__Host-geosocle={secret}"}
        remove_identity(connection, id)


def test_the_cookie_of_the_public_address_serves_its_own_pages_alone(public, cookie):
    elsewhere = {"Origin": "https://ailleurs.exemple.fr"}
    assert public.get(ITEMS, headers=cookie).status_code == 200
    assert public.get(ITEMS, headers={"Cookie": f"geosocle={'a' * 43}"}).status_code == 404
    assert public.post("/deconnexion", headers={**cookie, **elsewhere}).status_code == 400
    assert public.get(ITEMS, headers=cookie).status_code == 200
    assert public.post("/deconnexion", headers={**cookie, "Origin": PUBLIC}).status_code == 303
    assert public.get(ITEMS, headers=cookie).status_code == 401
