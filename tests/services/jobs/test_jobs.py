"""Jobs over HTTP: the same walls as in the database, at every address."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest

from catalog import access
from catalog.access import Right
from catalog.database import connect, pool
from hunter.members import DAY, TODAY
from services import results
from services.running import Running, keep_house
from tests.services.jobs.asking import A, B, caller, export, job_of, same


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
    for wrong, status in (("bytes=999999999-", 416), ("bytes=9-1", 400), ("n'importe quoi", 400)):
        refused = ici("GET", f"/jobs/{job}/results", headers={"Range": wrong})
        assert (refused.status_code, refused.headers["cache-control"]) == (status, "private, no-store")
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert "authorization" in refused.headers["vary"].lower()
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
        access.add_agreement(connection, "p", "public", "essai", TODAY, TODAY + DAY, rights)
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


def test_too_many_jobs_are_refused(ici, monkeypatch):
    monkeypatch.setattr("services.jobs.MAX_PENDING", 2)
    assert [export(ici).status_code for _ in range(3)] == [201, 201, 429]
