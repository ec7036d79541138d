"""Processes over HTTP: those that the caller may run, strictly read; the plan at its own address."""

import io
import json

import pypdf
import pytest

from catalog import access
from catalog.access import Right
from catalog.database import connect
from hunter.members import DAY, TODAY
from tests.services.jobs.asking import HIDDEN, MISSING, PARCEL, A, export, job_of, same


def test_the_processes_are_those_that_the_caller_may_run(world, app, nobody, ici):
    assert [each["id"] for each in ici("GET", "/processes").json()["processes"]] == ["export", "plan-cadastral"]
    assert nobody("GET", "/processes").json()["processes"] == []
    with connect(world, "admin") as connection:
        rights = [Right("parcelles", "base", ("image", "file"), (A,))]
        access.add_agreement(connection, "p", "public", "essai", TODAY, TODAY + DAY, rights)
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


@pytest.mark.parametrize("process", ["export", "plan-cadastral"])
def test_a_bad_body_is_refused_and_nothing_is_repeated(ici, process):
    path, headers = f"/processes/{process}/execution", {"Content-Type": "application/json"}
    answers = [ici("POST", path, content=body, headers=headers) for body in BAD_BODIES]
    assert [answer.status_code for answer in answers] == [400] * len(BAD_BODIES)
    assert not any("127.0.0.1" in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"format": "shp"}, "L'entrée format est l'une de : gpkg, fgb, csv, geojson."),
        ({"crs": "EPSG:2154"}, "http://www.opengis.net/def/crs/EPSG/0/2154"),
        ({"communes": "85901"}, '["85901"]'),
        ({"commune": ["85901"]}, "Les entrées sont : communes, crs, dataset, format."),
    ],
)
def test_an_input_that_is_wrong_is_told_what_it_may_be(ici, inputs, told):
    body = {"inputs": {"dataset": "parcelles"} | inputs}
    answer = ici("POST", "/processes/export/execution", json=body)
    assert (answer.status_code, told in answer.json()["detail"]) == (400, True), answer.text


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
