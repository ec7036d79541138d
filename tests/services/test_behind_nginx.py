"""Behind a proxy that caches as proxies do by default, nobody gets what was another's."""

import re
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest

from catalog.access import Right, end_agreement
from catalog.database import connect
from catalog.model import USAGES
from data_samples.aerial import limits
from hunter.members import TODAY
from hunter.things import CADASTRE
from tests.conftest import clone, settings_of
from tests.hunting.world import COMMUNES, A, B
from tests.services.behind import nginx
from tests.services.conftest import DAY, Served, granted, serving
from tests.services.jobs.asking import export, job_of
from tests.services.maps.conftest import tile_at

OWN = (*CADASTRE, "orthophotos")
AGREEMENTS = {
    "public": [Right("communes", "base", USAGES, COMMUNES)],
    "commune-a": [Right(dataset, "base", USAGES, (A,)) for dataset in OWN],
    "commune-b": [Right(dataset, "base", USAGES, (B,)) for dataset in OWN],
    "jumelle": [Right(dataset, "base", USAGES, (A,)) for dataset in OWN],
    "finissante": [Right("parcelles", "base", USAGES, (A,))],
}
PARCELS = "/collections/parcelles"
SAME = "/collections/communes"  # to everybody
CACHING = """
location / {{
  proxy_pass {url};
  proxy_cache {cache};
  proxy_cache_valid 200 10m;
  add_header X-Cache $upstream_cache_status always;
  {more}
}}
"""
DEAF = "proxy_ignore_headers Cache-Control Expires Vary;"  # to all that we say of caches
TO_PRIVATE = "proxy_ignore_headers Cache-Control Expires;"
TO_VARY = "proxy_ignore_headers Vary;"


@pytest.fixture(scope="module")
def own(cluster, loaded_template):
    """A server of two neighbours, and of a member whose agreement will end."""
    with clone(cluster, loaded_template) as copy:
        files = settings_of(cluster, loaded_template).files
        tokens = granted(copy, AGREEMENTS)
        served = replace(copy, files=files)
        with serving(served) as url:
            yield Served(url, served, tokens)


@pytest.fixture(scope="module")
def paths(own, world):
    """A door of each kind: what commune-a is given there, nobody else is."""
    border = world.communes[0].geometry.intersection(world.communes[1].geometry)
    middle = border.intersection(limits(world)).interpolate(0.5, normalized=True)
    place = tile_at(14, middle.x, middle.y)
    tile = f"tiles/WebMercatorQuad/{place.z}/{place.y}/{place.x}"
    with own.client("commune-a") as client:
        job = job_of(export(client.request))
    return [
        f"{PARCELS}/tiles/WebMercatorQuad/{place.z}/{place.y}/{place.x}",
        f"/collections/orthophotos/map/{tile}",
        f"{PARCELS}/items?limit=5",
        f"{PARCELS}/items/{A}0000A0001",
        f"{PARCELS}?f=html",
        "/collections",
        "/openapi",
        f"/jobs/{job}",
    ]


@pytest.fixture
def before(own, tmp_path):
    """A function: what more the proxy is told → the same server, behind a proxy of its own."""

    def start(more="", cache="answers"):
        folder = Path(mkdtemp(dir=tmp_path))
        return nginx(folder, CACHING.format(url=own.url, cache=cache, more=more))

    return start


def essence(response):
    """What an answer says, but for the time at which it says it."""
    return response.status_code, re.sub(rb'"timeStamp":\s*"[^"]*"', b"", response.content)


@pytest.fixture(scope="module")
def due(own, paths):
    """What each is answered without a proxy, by who asks and by door."""
    return {(who, path): essence(own.get(who, path)) for path in paths for who in ("commune-a", "commune-b", None)}


def leaks(own, url, due):
    """The doors where anybody is answered otherwise through the proxy: one after the other, then the first again."""
    through = replace(own, url=url)
    return {
        path
        for path in dict.fromkeys(path for _, path in due)
        for who in ("commune-a", "commune-b", None, "commune-a")
        if essence(through.get(who, path)) != due[who, path]
    }


def test_what_one_is_given_there_the_next_is_not(due, paths):
    for path in paths:
        assert due["commune-a", path][0] == 200, path
        assert due["commune-a", path] != due[None, path], path


@pytest.mark.parametrize("more", ["", TO_PRIVATE, TO_VARY], ids=["default", "deaf to private", "deaf to Vary"])
def test_no_answer_of_one_reaches_another(own, due, before, more):
    with before(more) as url:
        assert leaks(own, url, due) == set()


def test_by_default_the_proxy_keeps_nothing(own, paths, before):
    with before() as url:
        answers = [replace(own, url=url).get("commune-a", path) for path in (*paths, *paths)]
        assert {answer.headers["x-cache"] for answer in answers} == {"MISS"}


def test_a_proxy_that_is_deaf_to_both_is_found_out_at_every_door(own, due, paths, before):
    with before(DEAF) as url:
        assert leaks(own, url, due) == set(paths)


def answered_again(own, url, tag, who):
    """The status of an answer to whom says that it has the one of this tag."""
    with replace(own, url=url).client(who) as client:
        return client.get(SAME, headers={"If-None-Match": tag}).status_code


def test_a_tag_is_worth_nothing_to_another_behind_the_proxy(own, before):
    proxies = before(cache="off"), before(), before(DEAF)
    with proxies[0] as passing, proxies[1] as caching, proxies[2] as deaf:
        statuses = []
        for url in (passing, caching, deaf):
            tag = replace(own, url=url).get("commune-a", SAME).headers["etag"]
            statuses.append([answered_again(own, url, tag, who) for who in ("commune-a", "commune-b", None)])
    # One that caches does not tell us what its caller has: nobody is spared the answer.
    assert statuses == [[304, 200, 200], [200, 200, 200], [304, 304, 304]]


def test_a_shared_tile_reaches_whom_the_rule_gives_it_to_alone_behind_the_proxy(own, due, paths, before):
    copies = own.settings.files / "tuiles"
    with before() as url:
        through = replace(own, url=url)
        for path in paths[:2]:
            through.get("commune-a", path)
            kept = {*copies.rglob("*")}
            assert essence(through.get("jumelle", path)) == due["commune-a", path]
            assert {*copies.rglob("*")} == kept
            assert essence(through.get("commune-b", path)) == due["commune-b", path]
            assert essence(through.get(None, path)) == due[None, path]
    assert any(file.is_file() for file in copies.rglob("*"))


def test_an_ended_agreement_closes_at_the_next_request_behind_the_proxy(own, paths, before):
    path = f"{PARCELS}/items?limit=5"
    with before() as url, before(DEAF) as deaf:
        proxies = [replace(own, url=one) for one in (url, deaf)]
        assert proxies[0].get("finissante", paths[0]).status_code == 200
        assert [one.get("finissante", path).status_code for one in proxies] == [200, 200]
        with connect(own.settings, "admin") as connection, connection.transaction():
            end_agreement(connection, "essai-finissante", TODAY - DAY)
        assert [one.get("finissante", path).status_code for one in proxies] == [404, 200]
        assert proxies[0].get("finissante", paths[0]).status_code == 404
