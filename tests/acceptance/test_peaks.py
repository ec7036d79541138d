"""What the largest requests take of `geosocle serve`'s memory: they are refused before they cost, or capped."""

import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from bench import peers
from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import as_loader, connect
from catalog.model import USAGES
from hunter.members import DAY, TODAY
from tests.conftest import clone
from tests.hunting.world import A

ITEMS = "/collections/parcelles/items"
MIB = 2**20
PATIENCE = 20  # seconds; an answer takes a few hundredths of one
MANY = """
INSERT INTO cadastre.parcelles (id, commune, unite, edition, prefixe, section, numero, contenance, geom, feature)
SELECT other, commune, unite, edition, prefixe, 'ZZ', numero, contenance, geom, replace(feature, id, other)
FROM (SELECT p.*, commune || lpad((row_number() OVER ())::text, 9, 'Z') AS other
      FROM cadastre.parcelles AS p, generate_series(1, 60) WHERE commune = %(commune)s) AS copies"""
LONG = {"op": "in", "args": [{"property": "section"}, ["x" * 40] * 20_000]}
RING = [[-1 + number / 400_000, 46 + number % 2] for number in range(200_000)]


def nested(depth: int) -> dict:
    """A filter as deep as that, of 27 bytes a level."""
    tree = {"op": "isNull", "args": [{"property": "section"}]}
    for _ in range(depth):
        tree = {"op": "not", "args": [tree]}
    return tree


def polygon(points: int) -> dict:
    ring = RING[:points]
    shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"op": "s_intersects", "args": [{"property": "geometry"}, shape]}


def deep(levels: int) -> bytes:
    """Written by hand: Python's own encoder goes no deeper than a thousand."""
    return b'{"op":"not","args":[' * levels + json.dumps(nested(0)).encode() + b"]}" * levels


REFUSED = {
    "1,600 levels": (deep(1600), 400),
    "50,000 levels": (deep(45_000), 400),
    "400 conditions in a value's place": (json.dumps({"op": "and", "args": [nested(0)] * 4000}).encode(), 400),
    "20,000 values": (json.dumps(LONG).encode(), 400),
    "a polygon of 20,000 points": (json.dumps(polygon(20_000)).encode(), 400),
    "a polygon of 10 MB": (json.dumps(polygon(200_000)).encode() * 2, 413),
    "a number of a million figures": (b'{"op":"=","args":[{"property":"contenance"},' + b"9" * 900_000 + b"]}", 400),
    "a million brackets": (b"[" * 900_000, 400),
}
TEXTS = {
    "3,000 parentheses": "(" * 3000 + "section='0A'" + ")" * 3000,
    "400 ANDs": " AND ".join(["section='0A'"] * 400),
    "many quotes": "'" * 7000,
}


@pytest.fixture(scope="module")
def busy(cluster, loaded_template) -> Iterator[tuple[httpx.Client, Callable[[], int]]]:
    """A client of one process of services over 12,000 parcels, and what tells the process's greatest size so far."""
    with clone(cluster, loaded_template) as own:
        with as_loader(own) as loader:
            loader.execute(MANY, {"commune": A})
        with connect(own, "admin") as admin:
            add_organisation(admin, "ici", "Ici", "commune", [A])
            add_agreement(
                admin, "c-ici", "ici", "essai", TODAY - DAY, TODAY + DAY, [Right("parcelles", "base", USAGES, (A,))]
            )
            headers = {"Authorization": f"Bearer {issue_token(admin, 'ici')}"}
        port = peers.free_port()
        url = f"http://127.0.0.1:{port}"
        environment = cluster.environment | {"GEOSOCLE_DSN": own.dsn, "GEOSOCLE_FILES": str(own.files)}
        command = [sys.executable, "-m", "geosocle", "serve", "--port", str(port), "--workers", "1"]
        with (
            peers.served(command, url, environment),
            httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client,
        ):
            for form in ("json", "html"):  # what is made once, whoever asks
                client.get(ITEMS, params={"f": form, "limit": 10})
            yield client, lambda: peak(port)


def peak(port: int) -> int:
    """The greatest size so far of the process that serves at a port, in bytes."""
    for process in Path("/proc").glob("[0-9]*"):
        words = (process / "cmdline").read_bytes().split(b"\0") if (process / "cmdline").exists() else []
        if str(port).encode() in words and b"serve" in words:
            lines = (process / "status").read_text().splitlines()
            return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    raise AssertionError("nobody serves there")


@pytest.mark.parametrize("name", REFUSED)
def test_a_filter_without_measure_is_refused_before_it_costs(busy, name):
    client, measured = busy
    body, status = REFUSED[name]
    before = measured()
    for _ in range(3):
        answer = client.post(ITEMS, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status, answer.text[:300]
        assert len(answer.content) < 2000
    assert measured() - before < 100 * MIB


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_a_filter_without_measure_too(busy, name):
    client, measured = busy
    before = measured()
    answer = client.get(ITEMS, params={"filter": TEXTS[name], "limit": 1})
    assert answer.status_code in (200, 400), answer.text[:300]
    assert measured() - before < 50 * MIB


def test_an_address_without_measure_is_refused(busy):
    client, measured = busy
    before = measured()
    assert client.get(ITEMS + "?filter=" + "a" * 60_000).status_code == 400
    host, _, port = client.base_url.netloc.decode().partition(":")
    for head in (b"GET /?f=", b"GET / HTTP/1.1\r\nX-Long: ", b"GET / HTTP/1.1\r\n"):
        with socket.create_connection((host, int(port)), PATIENCE) as line:  # more than any client would send
            with suppress(ConnectionError):
                line.sendall(head + (b"a: b\r\n" if head.endswith(b"\n") else b"aaaaaa") * 3_000_000)
            with suppress(ConnectionError):
                assert line.recv(1000).startswith(b"HTTP/1.1 400") or not line.recv(1000)
    assert client.get(ITEMS).status_code == 200
    assert measured() - before < 50 * MIB


@pytest.mark.parametrize("form", ["json", "csv", "fgb", "jsonld", "html"])
def test_the_greatest_page_takes_a_part_of_what_it_weighs_at_most(busy, form):
    client, measured = busy
    before = measured()
    for _ in range(3):
        answer = client.get(ITEMS, params={"f": form, "limit": 10_000})
        assert answer.status_code == 200
    assert len(answer.content) > 500_000 or form == "html"
    assert measured() - before < 12 * len(answer.content) + 30 * MIB


@pytest.mark.parametrize("place", ["10/360/505", "12/1443/2023", "0/0/0"])
def test_the_greatest_tile_is_capped(busy, place):
    client, measured = busy
    before = measured()
    answer = client.get(f"/collections/parcelles/tiles/WebMercatorQuad/{place}", params={"f": "mvt"})
    assert answer.status_code in (200, 204)
    assert len(answer.content) < 2_000_000
    assert measured() - before < 60 * MIB
