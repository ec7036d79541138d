"""Processes and jobs over HTTP: the same walls as in the database, at every address."""

import io
import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from uuid import uuid4

import httpx
import pypdf
import pytest
from starlette.testclient import TestClient

from catalog import access
from catalog.access import Right
from catalog.database import as_loader, connect, pool
from services import results
from services.app import create_app
from services.running import Running, keep_house, run

A, B = "85901", "85902"
PARCEL, HIDDEN, MISSING = f"{A}000AA0001", f"{B}000AA0001", f"{A}000AA9999"
TODAY = date.today()
PARCELS = """
INSERT INTO cadastre.parcelles (id, commune, unite, edition, prefixe, section, numero, contenance, geom, feature)
SELECT commune || '000AA' || to_char(i, 'FM0000'), commune, 'f', '2026-07-01', '000', 'AA', to_char(i, 'FM0000'), 100,
       ST_Multi(ST_MakeEnvelope(360000 + 10 * i, 6630000, 360010 + 10 * i, 6630010, 2154)), '{'
FROM generate_series(1, 5) i, unnest(%s::text[]) commune
"""


@pytest.fixture
def world(database):
    """Two communes with five parcels each, and the organisation of each; nothing for the public."""
    with as_loader(database) as connection:
        connection.execute(PARCELS, [[A, B]])
    with connect(database, "admin") as connection:
        for name, code in (("ici", A), ("voisine", B)):
            access.add_organisation(connection, name, name, "commune", [code])
            rights = [Right("parcelles", "base", ("image", "feature", "file"), (code,))]
            access.add_agreement(connection, f"c-{name}", name, "essai", TODAY, TODAY, rights)
    return database


@pytest.fixture
def tokens(world):
    with connect(world, "admin") as connection:
        return {name: access.issue_token(connection, name) for name in ("ici", "voisine")}


@pytest.fixture
def app(world):
    with TestClient(create_app(world), base_url=world.public_url) as client:
        yield client


def caller(app, token=None):
    """What asks as one principal; connections and application are shared."""

    def ask(method, path, **options):
        headers = options.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        return app.request(method, path, headers=headers, **options)

    return ask


@pytest.fixture
def ici(app, tokens):
    return caller(app, tokens["ici"])


@pytest.fixture
def voisine(app, tokens):
    return caller(app, tokens["voisine"])


@pytest.fixture
def nobody(app):
    return caller(app)


@pytest.fixture
def work(world):
    """Run a job here and now, as the worker would."""
    with pool(world, "worker") as connections:
        yield lambda job: run(Running(world, connections), job, lambda: False)


def export(ask, **inputs):
    return ask("POST", "/processes/export/execution", json={"inputs": {"dataset": "parcelles", **inputs}})


def job_of(response):
    assert response.status_code == 201, response.text
    return response.json()["jobID"]


def same(one: httpx.Response, other: httpx.Response):
    """The same answer to the byte; a date would be the server's."""
    assert (one.status_code, one.content) == (other.status_code, other.content)
    assert dict(one.headers) == dict(other.headers)


def test_an_export_is_asked_for_followed_and_downloaded(world, ici, work):
    response = export(ici, communes=[A])
    job = job_of(response)
    assert response.headers["location"] == f"{world.public_url}/jobs/{job}"
    assert ici("GET", f"/jobs/{job}").json()["status"] == "accepted"
    assert ici("GET", f"/jobs/{job}/results").status_code == 404
    work(job)
    done = ici("GET", f"/jobs/{job}").json()
    assert (done["status"], done["progress"]) == ("successful", 100)
    address = next(link["href"] for link in done["links"] if link["rel"].endswith("/results"))
    file = ici("GET", address)
    assert file.headers["content-type"] == "application/geopackage+sqlite3"
    assert file.headers["content-disposition"] == 'attachment; filename="parcelles.gpkg"'
    assert "private" in file.headers["cache-control"]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(file.content)
        ids = [id for (id,) in connection.execute("SELECT id FROM parcelles ORDER BY id")]
    assert ids == [f"{A}000AA{i:04}" for i in range(1, 6)]


def test_a_download_goes_on_where_it_was_cut(ici, work):
    job = job_of(export(ici))
    work(job)
    whole = ici("GET", f"/jobs/{job}/results").content
    part = ici("GET", f"/jobs/{job}/results", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert ici("GET", f"/jobs/{job}/results", headers={"Range": "bytes=999999999-"}).status_code == 416
    assert ici("GET", f"/jobs/{job}/results", headers={"Range": "n'importe quoi"}).status_code in (200, 400)
    head = ici("HEAD", f"/jobs/{job}/results")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole)))


DOORS = [("GET", "/jobs/{}"), ("DELETE", "/jobs/{}"), ("GET", "/jobs/{}/results"), ("GET", "/jobs/{}?f=html")]


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_a_neighbours_job_is_as_one_that_does_not_exist(ici, voisine, work, method, door):
    job = job_of(export(ici))
    work(job)
    same(voisine(method, door.format(job)), voisine(method, door.format(uuid4())))
    assert ici("GET", f"/jobs/{job}/results").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/jobs"), ("GET", "/jobs?f=html"), ("GET", "/processes/export"), ("GET", "/jobs/{}/results"), *DOORS],
)
def test_nobody_has_neither_jobs_nor_exports(ici, nobody, work, method, path):
    job = job_of(export(ici))
    work(job)
    answer = nobody(method, path.format(job))
    assert answer.status_code == 404
    same(answer, nobody(method, "/nulle/part?f=html" if "f=html" in path else "/nulle/part"))


def test_nobody_may_not_run_an_export_even_of_what_the_public_may_take(world, app):
    with connect(world, "admin") as connection:
        rights = [Right("parcelles", "base", ("file",), (A,))]
        access.add_agreement(connection, "p", "public", "essai", TODAY, TODAY, rights)
    nobody = caller(app)
    body = {"json": {"inputs": {"dataset": "parcelles"}}}
    same(nobody("POST", "/processes/export/execution", **body), nobody("POST", "/processes/rien/execution", **body))


@pytest.mark.parametrize(
    "inputs",
    [{"communes": [B]}, {"communes": [A, B]}, {"communes": ["99999"]}, {"dataset": "batiments"}, {"dataset": "x"}],
)
def test_what_is_not_given_is_as_what_does_not_exist(ici, inputs):
    same(export(ici, **inputs), export(ici, dataset="inconnu"))


def test_the_list_has_ones_own_jobs_page_by_page(ici, voisine):
    jobs = [job_of(export(ici)) for _ in range(3)]
    job_of(export(voisine))
    first = ici("GET", "/jobs?limit=2").json()
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = ici("GET", following).json()
    found = [job["jobID"] for job in first["jobs"] + second["jobs"]]
    assert found == jobs[::-1]
    assert all(link["rel"] != "next" for link in second["links"])


def test_a_dismissed_job_has_no_file(world, ici, work):
    job = job_of(export(ici))
    work(job)
    assert ici("DELETE", f"/jobs/{job}").json()["status"] == "dismissed"
    assert ici("GET", f"/jobs/{job}/results").status_code == 404
    assert not list(results.found(world))
    assert ici("DELETE", f"/jobs/{job}").status_code == 200


def test_job_and_file_are_gone_with_the_agreement_before_anybody_swept(world, ici, work):
    job = job_of(export(ici))
    work(job)
    with connect(world, "admin") as connection:
        access.end_agreement(connection, "c-ici", TODAY - timedelta(days=1))
    for door in ("/jobs/{}", "/jobs/{}/results"):
        same(ici("GET", door.format(job)), ici("GET", door.format(uuid4())))
    assert ici("GET", "/jobs").json()["jobs"] == []
    assert ici("POST", "/processes/export/execution", json={"inputs": {"dataset": "parcelles"}}).status_code == 404


def test_job_and_file_are_gone_with_the_token_that_asked(world, app, ici, tokens, work):
    job = job_of(export(ici))
    work(job)
    with connect(world, "admin") as connection:
        other = access.issue_token(connection, "ici")
        assert caller(app, other)("GET", f"/jobs/{job}/results").status_code == 200
        access.revoke_token(connection, tokens["ici"])
    assert ici("GET", f"/jobs/{job}/results").status_code == 401
    assert caller(app, other)("GET", f"/jobs/{job}/results").status_code == 404


def test_a_file_without_its_job_is_not_served(world, ici):
    stray = uuid4()
    results.result(world, stray).write_bytes(b"x")
    assert ici("GET", f"/jobs/{stray}/results").status_code == 404
    with pool(world, "worker") as connections:
        keep_house(Running(world, connections))
    assert not list(results.found(world))


def test_the_processes_are_those_that_the_caller_may_run(world, app, nobody, ici):
    assert [each["id"] for each in ici("GET", "/processes").json()["processes"]] == ["export", "plan-cadastral"]
    assert nobody("GET", "/processes").json()["processes"] == []
    with connect(world, "admin") as connection:
        rights = [Right("parcelles", "base", ("image", "file"), (A,))]
        access.add_agreement(connection, "p", "public", "essai", TODAY, TODAY, rights)
    assert [each["id"] for each in nobody("GET", "/processes").json()["processes"]] == ["plan-cadastral"]


def test_a_description_names_only_the_callers_datasets(ici):
    inputs = ici("GET", "/processes/export").json()["inputs"]
    assert inputs["dataset"]["schema"]["enum"] == ["parcelles"]


@pytest.mark.parametrize("path", ["/processes", "/processes/export", "/processes/plan-cadastral", "/jobs"])
def test_pages_are_in_french(ici, path):
    job_of(export(ici))
    page = ici("GET", path, headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "raitement" in page.text


BAD_BODIES = [
    b"", b"[]", b"null", b"1", b'"x"', b"{", b"\xff\xfe", b"[" * 20000, b'{"inputs": []}', b'{"inputs": {}}',
    b'{"inputs": {"dataset": "parcelles"}, "subscriber": {"successUri": "http://127.0.0.1/"}}',
    b'{"inputs": {"dataset": "parcelles"}, "response": "x"}', b'{"inputs": {"dataset": "parcelles"}, "response": []}',
    b'{"inputs": {"dataset": "parcelles"}, "outputs": 1}', b'{"inputs": {"dataset": "parcelles", "crs": "x"}}',
    b'{"inputs": {"dataset": {"href": "http://127.0.0.1/"}}}', b'{"inputs": {"dataset": NaN}}',
    b'{"inputs": {"dataset": ' + b"9" * 5000 + b"}}", b'{"inputs": {"parcelle": 1, "x": 2}}', b'{"autre": 1}',
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES)
@pytest.mark.parametrize("process", ["export", "plan-cadastral"])
def test_a_bad_body_is_refused_and_nothing_is_repeated(ici, process, body):
    answer = ici("POST", f"/processes/{process}/execution", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "127.0.0.1" not in answer.text


def test_a_form_of_another_site_asks_for_nothing(ici):
    body = json.dumps({"inputs": {"dataset": "parcelles"}})
    answer = ici("POST", "/processes/export/execution", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400
    assert ici("GET", "/jobs").json()["jobs"] == []


def test_unknown_parameters_are_refused(ici):
    paths = [
        "/jobs?limit=0", "/jobs?limit=x", "/jobs?offset=-1", "/jobs?offset=1e20", "/jobs?autre=1", "/processes?x=1",
        "/jobs?limit=1&limit=2", "/jobs?f=pdf", "/processes/export?x=1",
    ]  # fmt: skip
    assert {path: ici("GET", path).status_code for path in paths} == dict.fromkeys(paths, 400)


def test_too_many_jobs_are_refused(ici, monkeypatch):
    monkeypatch.setattr("services.jobs.MAX_PENDING", 2)
    assert [export(ici).status_code for _ in range(3)] == [201, 201, 429]


def text_of(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert "private" in answer.headers["cache-control"]
    return pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()


def test_a_plan_is_drawn_at_its_address_and_by_its_process(ici):
    by_page = text_of(ici("GET", f"/collections/parcelles/items/{PARCEL}/plan.pdf?echelle=500"))
    body = {"inputs": {"parcelle": PARCEL, "echelle": 500}}
    by_process = text_of(ici("POST", "/processes/plan-cadastral/execution", json=body))
    assert by_page == by_process
    assert "Échelle : 1/500" in by_page and PARCEL in by_page
    answer = ici("POST", "/processes/plan-cadastral/execution", json=body | {"response": "document"})
    assert answer.json()["plan"]["mediaType"] == "application/pdf"


def test_the_plan_of_a_hidden_parcel_is_as_that_of_a_missing_one(ici, voisine):
    door = "/collections/parcelles/items/{}/plan.pdf"
    same(ici("GET", door.format(HIDDEN)), ici("GET", door.format(MISSING)))
    text_of(voisine("GET", door.format(HIDDEN)))
    answers = [
        ici("POST", "/processes/plan-cadastral/execution", json={"inputs": {"parcelle": id}})
        for id in (HIDDEN, MISSING)
    ]
    assert answers[0].status_code == 404
    same(*answers)


def test_without_any_parcel_the_plan_has_no_address(nobody):
    path = f"/collections/parcelles/items/{PARCEL}/plan.pdf"
    same(nobody("GET", path), nobody("GET", "/nulle/part"))
    same(nobody("GET", f"{path}?x=1"), nobody("GET", "/nulle/part?x=1"))


def test_an_unknown_scale_is_refused(ici):
    queries = ["echelle=300", "echelle=", "echelle=1/500", "x=1", "echelle=500&echelle=500"]
    door = f"/collections/parcelles/items/{PARCEL}/plan.pdf"
    assert {query: ici("GET", f"{door}?{query}").status_code for query in queries} == dict.fromkeys(queries, 400)


def test_a_number_that_is_none_has_no_plan(ici):
    ids = ["x", "%00", "..%2F..%2Fetc%2Fpasswd", "é", PARCEL.lower(), f"{PARCEL}%0A"]
    found = {id: ici("GET", f"/collections/parcelles/items/{id}/plan.pdf").status_code for id in ids}
    assert found == dict.fromkeys(ids, 404)


def test_the_documents_name_what_the_caller_may_run(ici, nobody):
    mine, theirs = (ask("GET", "/openapi").json()["paths"].keys() for ask in (ici, nobody))
    own = {"/processes/export/execution", "/jobs/{jobId}/results", "/collections/parcelles/items/{parcelle}/plan.pdf"}
    assert own <= mine
    assert not own & theirs
    assert "/processes" in theirs
    relations = [link["rel"].rpartition("/")[2] for link in ici("GET", "/").json()["links"]]
    assert {"processes", "job-list"} <= set(relations)
    assert "job-list" not in nobody("GET", "/").text


def test_the_classes_of_processes_are_declared(nobody):
    declared = nobody("GET", "/conformance").json()["conformsTo"]
    for name in ("core", "json", "job-list", "dismiss", "ogc-process-description"):
        assert f"http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/{name}" in declared
    assert not any("callback" in each for each in declared)
