"""What answers bear besides their content: whose they are, and for how long."""

import gzip
import re

import httpx
import pytest

ITEMS = "/collections/parcelles/items"
PATHS = [
    "/",
    "/conformance",
    "/collections",
    "/collections/parcelles",
    ITEMS,
    f"{ITEMS}/859010000A0001",
    "/openapi",
    "/nulle-part",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["json", "html"])
def test_no_shared_cache_keeps_an_answer(served, path, form):
    response = served.get("commune-a", path, f=form)
    assert response.headers["cache-control"].startswith("private")
    assert "Authorization" in response.headers["vary"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_an_etag_is_worth_nothing_to_another_caller(served):
    path = "/collections/communes"  # both see the same
    mine, theirs = served.get("commune-a", path), served.get("commune-b", path)
    assert mine.content == theirs.content
    with served.client("commune-a") as client:
        assert client.get(path, headers={"If-None-Match": mine.headers["etag"]}).status_code == 304
    with served.client("commune-b") as client:
        assert client.get(path, headers={"If-None-Match": mine.headers["etag"]}).status_code == 200


def test_an_answer_is_compressed_once_for_whom_reads_it(served):
    with served.client("commune-a") as client:
        request = client.build_request("GET", ITEMS, headers={"Accept-Encoding": "gzip"})
        response = client.send(request, stream=True)
        raw = b"".join(response.iter_raw())
        plain = client.get(ITEMS, headers={"Accept-Encoding": "identity"})
    assert response.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    end = b'"timeStamp"'
    assert gzip.decompress(raw).partition(end)[0] == plain.content.partition(end)[0]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/geo+json", "text/plain", "", "image/png,*/*;q=0.1"]
)
def test_json_is_what_comes_unless_a_page_is_liked_better(served, accept):
    response = httpx.get(f"{served.url}/collections/communes/items", headers={"Accept": accept})
    assert response.headers["content-type"] == "application/geo+json"


def test_a_browser_gets_pages(served):
    response = httpx.get(f"{served.url}/collections", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", PATHS[:-1])
def test_pages_load_nothing_from_other_servers(served, path):
    page = served.get("commune-a", path, f="html").text
    loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:)?//([^"]*)"', page)
    assert not [each for each in loaded if served.url not in each[1]]


def test_signing_in_asks_a_browser_for_the_token_then_sends_it_home(served):
    assert served.get(None, "/connexion").status_code == 401
    response = served.get("commune-a", "/connexion")
    assert response.status_code == 303
    assert response.headers["location"] == f"{served.url}/"
