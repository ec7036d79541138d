"""What is refused: in our words, the same for all, never an error of the server's."""

import base64
import json
import time
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from catalog.database import connect
from catalog.migrate import migrate
from geosocle.cluster import DATABASE, THROWAWAY, start
from services.parameters import Cursor
from tests import clusters
from tests.conftest import clone, settings_of
from tests.services.conftest import serving

ITEMS = "/collections/parcelles/items"
DEEP = "(" * 3000 + "section = '0A'" + ")" * 3000
PROBES = [
    "bbox=1,2,3", "bbox=1,2,3,4,5,6", "bbox=", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=inf,0,1,1", "bbox=1e999,0,1,1",
    "bbox=0,5,1,1", "bbox=3,0,1,1&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/2154", "bbox-crs=x", "crs=x", "crs=",
    "bbox=1,2,3,4&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/9999", "offset=99999999999999999999", "offset=-1",
    "offset=1.5", "offset=%F0%9F%98%80", "limit=0", "limit=-1", "limit=abc", "limit=", "limit=%D9%A1", "contenance=abc",
    "contenance=9999999999", "contenance=1e3", "arpente=peut-etre", "creation=2020-02-30", "creation=hier",
    "section=%00", "datetime=hier", "datetime=2020-01-02/2020-01-01", "datetime=a/b/c", "datetime=", "datetime=2020",
    "datetime=9999-12-31T23:59:59-23:59", "sortby=licorne", "sortby=", "sortby=section,section", "properties=licorne",
    "properties=section,", "skipGeometry=1", "q=", "q=%22", "q=  ", "q=a,", "q=" + "a " * 11, "q=" + "a" * 201,
    "licorne=1", "token=x", "f=png", "f=shp", "f=gpkg", "f=",
    "lang=xx",
    "resulttype=tout", "limit=1&limit=2", "section=a&section=b", "%FF=1", "section=%FF", "after=x", "after=",
    "after=e30", "after=WyJcdWQ4MDAiLCJhIiwiIl0",
    "after=WzEsMiwzXQ", "after=" + "A" * 2000, "after=WyJhIiwiYiIsImMiXQ", "filter=", "filter=section", "filter=1=1",
    "filter=section=1", "filter=contenance='x'", "filter=contenance/0=1", "filter=pg_sleep(1)=1", "filter=licorne=1",
    "filter=section LIKE 1", "filter=section LIKE 'a\\'", "filter=S_INTERSECTS(section,POINT(1 1))", "filter=NOT",
    "filter=S_INTERSECTS(geometry,POINT(nan 1))", "filter=S_INTERSECTS(geometry,POINT(1))", "filter=section IN ()",
    "filter=S_INTERSECTS(geometry,POLYGON((0 0,1 1,0 1,1 0,0 0)))", "filter=S_INTERSECTS(geometry,BBOX(1,2,3))",
    "filter=S_INTERSECTS(geometry,geometry)", "filter=S_INTERSECTS(geometry,POLYGON EMPTY)", "filter=" + DEEP,
    "filter=BBOX(geometry,1,2,3,4)", "filter=creation=DATE('2020-13-01')",
    "filter=" + " AND ".join(["section='0A'"] * 600), "filter=" + "NOT " * 100 + "arpente", "filter=section='a';DROP",
    "filter=T_AFTER(section,DATE('2020-01-01'))", "filter=T_DURING(creation,INTERVAL('2020-01-01','2019-01-01'))",
    "filter-lang=cql2-text", "filter-crs=http://www.opengis.net/def/crs/EPSG/0/2154", "filter=arpente&filter-lang=ecql",
    "filter=arpente&filter-crs=x", "filter-lang=cql2-json&filter={}", "filter-lang=cql2-json&filter=[]",
    "filter-lang=cql2-json&filter=NaN", "filter-lang=cql2-json&filter=" + "[" * 2000,
    "filter=set_config('a','b',true)=1",
]  # fmt: skip


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe[:50])
def test_what_cannot_be_answered_is_refused_and_repeats_nothing(served, probe):
    with served.client("departement") as client:
        response = client.get(f"{ITEMS}?{quote(probe, safe='=&%,:/')}")
    assert response.status_code == 400, response.text[:300]
    assert response.headers["content-type"] == "application/problem+json"
    assert not any(word in response.text for word in ("licorne", "psycopg", "SELECT", "pg_sleep", "0A"))


@pytest.mark.parametrize(
    ("probe", "parameter"),
    [
        ("sortby=licorne", "sortby"), ("sortby=section,section", "sortby"), ("properties=licorne", "properties"),
        ("f=png", "f"), ("lang=xx", "lang"), ("bbox=1,2,3", "bbox"), ("crs=x", "crs"), ("limit=abc", "limit"),
        ("datetime=hier", "datetime"), ("datetime=2020-02-30", "datetime"), ("filter=licorne=1", "filter"),
        ("filter=section", "filter"), ("filter=arpente&filter-lang=ecql", "filter-lang"), ("after=x", "after"),
        ("skipGeometry=1", "skipGeometry"), ("resulttype=tout", "resulttype"), ("bbox-crs=x", "bbox-crs"),
        ("licorne=1", None), ("contenance=abc", None), ("creation=hier", None),
    ],
)  # fmt: skip
def test_the_parameter_at_fault_is_named_where_it_is_one_of_ours(served, probe, parameter):
    with served.client("departement") as client:
        told = client.get(f"{ITEMS}?{quote(probe, safe='=&%,:/')}").json()
    assert told.get("parameter") == parameter
    assert told["detail"] == told["description"]
    if probe in ("sortby=licorne", "properties=licorne", "f=png"):
        assert told["detail"] == f"Le paramètre « {parameter} » est incorrect."


@pytest.mark.parametrize("probe", ["sortby={}", "properties={}", "filter={}=1", "filter={} IS NULL", "{}=1"])
def test_a_hidden_property_is_refused_as_one_that_never_was(served, probe):
    answers = []
    for name in ("materiau", "licorne"):
        with served.client("departement") as client:
            query = quote(probe.format(name), safe="=&")
            answers.append(client.get(f"/collections/canalisations_eau/items?{query}"))
    hidden, unknown = answers
    assert hidden.status_code == unknown.status_code == 400
    assert hidden.content == unknown.content


BODIES = [
    b"[]", b"{}", b"null", b"\xff\xfe", b"{", b'{"op":"="}', b'{"op":"=","args":[]}', b'{"op":"=","args":[1,1]}',
    b'{"op":"=","args":[{"property":"licorne"},1]}', b'{"op":"=","args":[{"property":["section"]},1]}',
    b'{"op":["="],"args":[]}', b'{"op":"in","args":[{"property":"section"},[]]}', b'{"op":"and","args":[]}',
    b'{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[]}]}',
    b'{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":["a","b"]}]}',
    b'{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Licorne","coordinates":[1,2]}]}',
    b'{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1,2,3]}]}',
    b'{"op":"s_intersects","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[]}]}',
    b'{"op":"casei","args":[{"property":"section"}]}', b'{"op":"+","args":[{"property":"contenance"},1]}',
    b'{"op":"=","args":[{"op":"casei","args":[{"property":"contenance"}]},"a"]}', b'{"op":"not","args":[]}',
    b'{"op":"=","args":[{"property":"section"},"\\u0000"]}',
    b'{"op":"=","args":[{"property":"section"},"\\ud800"]}', b'{"op":"t_after","args":[{"property":"creation"},{}]}',
    b'{"op":"=","args":[{"date":1},{"property":"creation"}]}', b'{"op":"like","args":[{"property":"section"},null]}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.decode("latin-1")[:50])
@pytest.mark.parametrize("kind", ["application/json", "", "text/plain"])
def test_a_posted_filter_that_makes_no_sense_is_refused(served, body, kind):
    with served.client("departement") as client:
        response = client.post(ITEMS, content=body, headers={"Content-Type": kind} if kind else {})
    assert response.status_code == 400, response.text


def test_a_body_that_is_too_large_is_refused_and_one_where_none_is_due_too(served):
    with served.client("departement") as client:
        assert client.post(ITEMS, content=b" " * 1_100_000).status_code == 413
        assert client.request("GET", "/collections", content=b"x").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        f"{ITEMS}/%00", f"{ITEMS}/x%00y", f"{ITEMS}/%FF", f"{ITEMS}/" + "a" * 4000, "/collections/%00",
        "/collections/", "/collections/parcelles/", "/collections/a%2Fitems", "/collections/parcelles/coverage",
        "/stac",
        "/admin/config",
        "/collections/parcelles/tiles/Inconnu/0/0/0", "/collections/parcelles/tiles/WebMercatorQuad/99/0/0",
        "/collections/parcelles/tiles/WebMercatorQuad/-1/0/0", "/collections/parcelles/tiles/WebMercatorQuad/a/b/c",
        "/collections/parcelles/tiles/Inconnu", "/TileMatrixSets/Inconnu", "/collections/parcelles/position",
        "/collections/parcelles/map", "/static/../app.py", "/static/absent.js", "/%2e%2e/etc/passwd", "/x" * 200,
    ],
)  # fmt: skip
def test_what_is_nowhere_is_not_found(served, path):
    with served.client("departement") as client:
        response = client.get(path)
    assert response.status_code == 404, response.text[:200]
    assert response.headers["content-type"] == "application/problem+json"


BAD = [
    "Bearer", "Bearer x", "Bearer geosocle_inconnu", "Basic", "Basic %%%", "Basic eA==", "Basic Og==",
    "Digest username=x", "geosocle_x", "Bearer a b", "Bearer \u00e9",
    "Bearer " + "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("credential", BAD, ids=lambda credential: credential[:20])
@pytest.mark.parametrize("path", ["/", "/collections", ITEMS, "/nulle-part", "/connexion", "/processes", "/jobs"])
def test_a_bad_credential_is_refused_at_every_address(served, credential, path):
    response = httpx.get(served.url + path, headers={"Authorization": credential.encode("latin-1")})
    assert response.status_code == 401
    assert "Basic realm=" in response.headers["www-authenticate"]


def test_two_credentials_are_refused_even_if_both_are_good(served):
    good = f"Bearer {served.tokens['commune-a']}"
    response = httpx.get(served.url + "/collections", headers=[("Authorization", good), ("Authorization", good)])
    assert response.status_code == 401


def test_basic_with_the_token_as_password_is_as_good_as_bearer(served):
    secret = base64.b64encode(f"qgis:{served.tokens['commune-a']}".encode()).decode()
    response = httpx.get(served.url + ITEMS, headers={"Authorization": f"Basic {secret}"})
    assert response.json()["numberMatched"] == 205


def test_a_token_in_the_address_is_an_unknown_parameter(served):
    assert served.get(None, "/collections", token=served.tokens["commune-a"]).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_nothing_is_written_by_http(served, method):
    with served.client("departement") as client:
        response = client.request(method, ITEMS)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_head_and_options_are_answered(served):
    with served.client("commune-a") as client:
        head = client.head(f"{ITEMS}/859010000A0001")
        assert head.status_code == 200
        assert head.content == b""
        assert int(head.headers["content-length"]) > 100
        assert "GET" in client.options(ITEMS).headers["allow"]


def test_a_refusal_is_a_page_for_whom_reads_pages(served):
    response = httpx.get(served.url + "/nulle-part", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


def test_a_cursor_of_another_names_a_place_and_opens_nothing(served):
    cursor = Cursor("85901", "").encode()
    page = served.get("commune-b", ITEMS, after=cursor, limit=1000).json()
    assert {each["properties"]["commune"] for each in page["features"]} == {"85902"}


def test_while_the_database_is_away_the_answer_is_503_and_it_comes_back_by_itself():
    with clusters.temporary() as own:
        migrate(settings_of(own, DATABASE))
        with serving(settings_of(own, DATABASE)) as url:
            assert httpx.get(f"{url}/collections").status_code == 200
            own.stop()
            response = httpx.get(f"{url}/collections", timeout=30)
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) > 0
            assert json.loads(response.content)["status"] == 503
            start(own.state, attached=True, options=THROWAWAY)
            assert until_answered(url) < 20


def test_connections_that_the_database_closed_are_not_noticed(cluster, loaded_template):
    with clone(cluster, loaded_template) as own, serving(own) as url, connect(own, "admin") as connection:
        assert httpx.get(f"{url}/collections").status_code == 200
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
        assert httpx.get(f"{url}/collections").status_code == 200


def until_answered(url: str) -> float:
    """How long it takes until the answer is good again."""
    began = time.monotonic()
    while httpx.get(f"{url}/collections", timeout=30).status_code == 503:
        assert time.monotonic() - began < 60
        time.sleep(0.2)
    return time.monotonic() - began


def test_a_server_starts_without_its_database_and_says_so(cluster, loaded_template, tmp_path, caplog):
    away = replace(settings_of(cluster, loaded_template), dsn=f"host={tmp_path} dbname=nulle-part user=personne")
    with serving(away) as url:
        response = httpx.get(f"{url}/collections", timeout=30)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert str(tmp_path) not in response.text


def test_a_missing_mark_is_said_aloud_at_the_start(cluster, loaded_template, caplog):
    with clone(cluster, loaded_template) as own, connect(own, "admin") as connection:
        connection.execute("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF")
        with serving(own) as url:
            assert httpx.get(f"{url}/collections").status_code == 200
    assert "geosocle doctor" in caplog.text
