"""Exports: asked for by one, run by a worker of its own process as that one, known to nobody else."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pyogrio
import pytest

from catalog import access
from catalog.access import Right
from catalog.database import as_loader, connect, pool
from catalog.errors import BadRequest, NotFound, QuotaExceeded
from catalog.loader import datasets
from services import jobs, results
from services.exports import CRS, Export, read_export
from services.running import INTERRUPTED, Interrupted, Running, keep_house, run

ROOT = Path(__file__).parents[2]
FAST = """
from catalog.settings import settings
from services.worker import Pace, run
run(settings(), Pace(heartbeat=0.2, polling=0.2, dead=1, housekeeping=0.2, retry=0.5))
"""
A, B = "85901", "85902"
TODAY = date.today()

PARCELS = """
INSERT INTO cadastre.parcelles
    (id, commune, unite, edition, prefixe, section, numero, contenance, arpente, geom, feature)
SELECT format('%%s000AA%%s', %(commune)s::text, to_char(i, 'FM0000')), %(commune)s, 'f', '2026-01-01', '000', 'AA',
       to_char(i, 'FM0000'), CASE WHEN i %% 2 = 0 THEN i END, CASE WHEN i %% 3 = 0 THEN true END,
       ST_Multi(ST_MakeEnvelope(360000 + 10 * i, 6630000, 360010 + 10 * i, 6630010, 2154)), '{'
FROM generate_series(1, %(count)s) i
"""
PIPES = """
WITH pipe AS (
    INSERT INTO reseaux.canalisations_eau (id, commune, unite, edition, objet, exploitant, geom, feature)
    SELECT 'C1.' || commune, commune, 'e', '2026-01-01', 'C1', 'Régie d''Été',
           ST_GeomFromText('MULTILINESTRING((360000 6630000, 360100 6630000))', 2154), '{'
    FROM unnest(%(communes)s::text[]) commune RETURNING id, commune, unite, edition)
INSERT INTO reseaux.canalisations_eau_technical (id, commune, unite, edition, materiau, an_pose, feature)
SELECT id, commune, unite, edition, 'PVC <110', 1987, '' FROM pipe
"""


@pytest.fixture
def world(database):
    """Two neighbouring communes with parcels and a pipe, and the organisation of each."""
    with as_loader(database) as connection:
        connection.execute(PARCELS, {"commune": A, "count": 30})
        connection.execute(PARCELS, {"commune": B, "count": 20})
        connection.execute(PIPES, {"communes": [A, B]})
    with connect(database, "admin") as connection:
        for name, code in (("ici", A), ("voisine", B)):
            access.add_organisation(connection, name, name, "commune", [code])
            rights = [
                Right("parcelles", "base", ("feature", "file"), (code,)),
                Right("canalisations_eau", "base", ("file",), (A, B)),
                Right("canalisations_eau", "technical", ("file",), (code,)),
            ]
            access.add_agreement(connection, f"c-{name}", name, "essai", TODAY, TODAY, rights)
    return database


@pytest.fixture
def web(world):
    with pool(world, "web") as connections:
        yield connections


@pytest.fixture
def running(world):
    with pool(world, "worker") as connections:
        yield Running(world, connections)


@pytest.fixture
def tokens(world):
    with connect(world, "admin") as connection:
        return {name: access.issue_token(connection, name) for name in ("ici", "voisine")}


@pytest.fixture
def ici(web, tokens):
    return access.authenticate(web, tokens["ici"])


@pytest.fixture
def voisine(web, tokens):
    return access.authenticate(web, tokens["voisine"])


def ask(web, principal, **inputs):
    export = read_export({"dataset": "parcelles", **inputs}, web, principal)
    return jobs.ask(web, principal, "export", export.inputs, export.holds)


def read(path, layer="parcelles"):
    """The rows of a GeoPackage, which is an SQLite database."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {layer} ORDER BY id")]


@contextlib.contextmanager
def worker(settings, *command):
    """A real worker in a process of its own; one that beats fast, unless a command is given."""
    environment = os.environ | {
        "GEOSOCLE_DSN": settings.dsn, "GEOSOCLE_STATE": str(settings.state), "GEOSOCLE_FILES": str(settings.files)
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, *(command or ("-c", FAST))], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(15)


def wait_for(web, principal, job, *statuses, seconds=20):
    deadline = time.monotonic() + seconds
    while (found := jobs.find(web, principal, str(job.id))).status not in statuses:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def sql(settings, statement, parameters=()):
    with connect(settings, "admin") as connection:
        return connection.execute(statement, parameters)


def end_agreement(settings, id):
    with connect(settings, "admin") as connection:
        access.end_agreement(connection, id, TODAY - timedelta(days=1))


def test_a_worker_writes_what_was_asked_and_no_more(world, web, ici):
    job = ask(web, ici)
    with worker(world):
        done = wait_for(web, ici, job, "successful", "failed")
    assert (done.status, done.progress, done.file, done.message) == ("successful", 100, "parcelles.gpkg", "")
    path = results.result(world, job.id)
    rows = read(path)
    assert done.size == path.stat().st_size
    assert [row["id"] for row in rows] == [f"{A}000AA{i:04}" for i in range(1, 31)]
    assert {row["commune"] for row in rows} == {A}
    assert list(rows[0]) == ["fid", "geom", "id", *datasets()["parcelles"].columns()]


def test_nulls_dates_and_numbers_are_what_the_table_holds(running, web, ici):
    job = ask(web, ici)
    run(running, job.id, lambda: False)
    first, second, third = read(results.result(running.settings, job.id))[:3]
    assert (first["contenance"], second["contenance"]) == (None, 2)
    assert (second["arpente"], third["arpente"]) == (None, 1)
    assert (first["edition"], first["creation"]) == ("2026-01-01", None)


def test_a_group_that_is_held_in_one_commune_is_null_in_the_other(running, web, ici):
    job = ask(web, ici, dataset="canalisations_eau")
    run(running, job.id, lambda: False)
    rows = read(results.result(running.settings, job.id), "canalisations_eau")
    assert {row["id"]: row["materiau"] for row in rows} == {"C1.85901": "PVC <110", "C1.85902": None}
    assert {row["exploitant"] for row in rows} == {"Régie d'Été"}


def test_a_group_that_is_not_given_has_no_column(world, running, web, tokens):
    sql(world, "DELETE FROM access.rights WHERE attribute_group = 'technical'")
    ici = access.authenticate(web, tokens["ici"])
    job = ask(web, ici, dataset="canalisations_eau")
    run(running, job.id, lambda: False)
    rows = read(results.result(running.settings, job.id), "canalisations_eau")
    assert "exploitant" in rows[0] and "materiau" not in rows[0]


@pytest.mark.parametrize("crs", CRS)
def test_coordinates_are_in_the_crs_that_was_asked_longitude_first(running, web, ici, crs):
    job = ask(web, ici, crs=crs)
    run(running, job.id, lambda: False)
    srid = CRS[crs]
    info = pyogrio.read_info(str(results.result(running.settings, job.id)))
    expected = {4326: (-1.5, 46.6), 2154: (360010, 6630000), 3947: (None, None), 3857: (-161489, 5870000)}[srid]
    assert info["crs"] == f"EPSG:{srid}"
    assert info["features"] == 30
    for found, wanted in zip(info["total_bounds"][:2], expected, strict=True):
        assert wanted is None or found == pytest.approx(wanted, rel=0.05)


def test_an_export_without_objects_is_an_empty_layer(world, running, web, ici):
    with as_loader(world) as connection:
        connection.execute("DELETE FROM cadastre.parcelles")
    job = ask(web, ici)
    run(running, job.id, lambda: False)
    info = pyogrio.read_info(str(results.result(world, job.id)))
    assert (info["features"], "numero" in info["fields"]) == (0, True)


def test_more_rows_than_one_batch_all_come_once(world, running, web, ici, monkeypatch):
    monkeypatch.setattr("services.exports.BATCH", 7)
    job = ask(web, ici)
    run(running, job.id, lambda: False)
    rows = read(results.result(world, job.id))
    assert [row["numero"] for row in rows] == [f"{i:04}" for i in range(1, 31)]


def test_a_commune_that_is_not_given_does_not_exist(web, ici):
    for communes in ([B], [A, B], ["99999"], ["x"], [""], ["8590"]):
        with pytest.raises(NotFound) as raised:
            read_export({"dataset": "parcelles", "communes": communes}, web, ici)
        assert str(raised.value) == str(NotFound())


def test_a_dataset_that_is_not_given_does_not_exist(web, ici):
    for dataset in ("batiments", "rien", "", "parcelles; DROP"):
        with pytest.raises(NotFound) as raised:
            read_export({"dataset": dataset}, web, ici)
        assert str(raised.value) == str(NotFound())


WRONG_INPUTS = [
    {}, {"dataset": 1}, {"dataset": "parcelles", "communes": A}, {"dataset": "parcelles", "communes": []},
    {"dataset": "parcelles", "communes": [1]}, {"dataset": "parcelles", "communes": {}}, {"dataset": ["parcelles"]},
    {"dataset": "parcelles", "crs": "EPSG:9999"}, {"dataset": "parcelles", "crs": []}, {"dataset": "parcelles", "x": 1},
]  # fmt: skip


def test_inputs_of_the_wrong_kind_are_refused(web, ici):
    for inputs in WRONG_INPUTS:
        with pytest.raises(BadRequest):
            read_export(inputs, web, ici)


def test_nobody_has_no_jobs(web, ici):
    nobody = access.authenticate(web, None)
    job = ask(web, ici)
    with pytest.raises(NotFound):
        jobs.ask(web, nobody, "export", {}, [{"dataset": "parcelles", "group": "base", "communes": [A]}])
    with pytest.raises(NotFound):
        jobs.find(web, nobody, str(job.id))
    with pytest.raises(NotFound):
        jobs.page(web, nobody, 10, 0)


def test_a_neighbour_neither_sees_nor_dismisses_a_job(web, ici, voisine):
    job = ask(web, ici)
    assert [found.id for found in jobs.page(web, ici, 10, 0)] == [job.id]
    assert jobs.page(web, voisine, 10, 0) == []
    for door in (jobs.find, jobs.dismiss):
        with pytest.raises(NotFound):
            door(web, voisine, str(job.id))
    assert jobs.find(web, ici, str(job.id)).status == "accepted"


def test_a_job_has_one_number_in_one_spelling(web, ici):
    job = ask(web, ici)
    for id in ("", "x", f"{{{job.id}}}", f"urn:uuid:{job.id}", str(uuid4()), f"{job.id}\0", job.id.hex):
        with pytest.raises(NotFound):
            jobs.find(web, ici, id)


def test_the_database_itself_refuses_a_job_over_what_is_not_given(web, ici):
    wrong = Export("parcelles", (A, B))
    with pytest.raises(NotFound):
        jobs.ask(web, ici, "export", wrong.inputs, wrong.holds)


def test_a_job_that_holds_nothing_or_cannot_say_what_is_refused(web, ici):
    for holds in ([], [{}], [{"dataset": "parcelles", "group": "base", "communes": None}]):
        with pytest.raises(NotFound):
            jobs.ask(web, ici, "export", {}, holds)


def test_too_many_waiting_jobs_are_refused(web, ici, voisine, monkeypatch):
    monkeypatch.setattr(jobs, "MAX_PENDING", 1)
    ask(web, ici)
    with pytest.raises(QuotaExceeded):
        ask(web, ici)
    ask(web, voisine)


def test_the_queue_knows_the_number_of_the_job_and_nothing_else(world, web, ici):
    job = ask(web, ici)
    assert sql(world, "SELECT args FROM queue.procrastinate_jobs").fetchall() == [({"job": str(job.id)},)]


FORBIDDEN = [
    "SELECT * FROM jobs.jobs", "SELECT * FROM queue.procrastinate_jobs", "SELECT access.organisation_of('x')",
    "DELETE FROM jobs.jobs", "SELECT jobs.gives('x', '[]')",
    "SELECT queue.procrastinate_defer_jobs_v1('{}'::queue.procrastinate_job_to_defer_v1[])",
]  # fmt: skip


def test_the_web_login_reaches_jobs_by_their_functions_only(world):
    with connect(world, "web") as connection:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_without_a_key_no_job_is_listed(world, web, ici):
    ask(web, ici)
    with connect(world, "web") as connection:
        assert connection.execute("SELECT * FROM jobs.list(10, 0)").fetchall() == []
        assert connection.execute("SELECT jobs.defer('export', '{}', '[]')").fetchone() == (None,)


def publish(running, web, principal, **inputs):
    job = ask(web, principal, **inputs)
    run(running, job.id, lambda: False)
    assert jobs.find(web, principal, str(job.id)).status == "successful"
    assert results.result(running.settings, job.id).exists()
    return job


def test_a_job_and_its_file_die_with_the_agreement(world, running, web, ici):
    job = publish(running, web, ici)
    end_agreement(world, "c-ici")
    with pytest.raises(NotFound):
        jobs.find(web, ici, str(job.id))
    keep_house(running)
    assert not results.result(world, job.id).exists()


def test_a_job_and_its_file_die_with_the_token_that_asked(world, running, web, ici, tokens):
    job = publish(running, web, ici)
    with connect(world, "admin") as connection:
        other = access.issue_token(connection, "ici")
        access.revoke_token(connection, tokens["ici"])
    with pytest.raises(NotFound):
        jobs.find(web, access.authenticate(web, other), str(job.id))
    keep_house(running)
    assert not results.result(world, job.id).exists()


def test_a_file_dies_when_one_of_its_groups_is_no_longer_given(world, running, web, ici):
    job = publish(running, web, ici, dataset="canalisations_eau")
    sql(world, "DELETE FROM access.rights WHERE agreement = 'c-ici' AND attribute_group = 'technical'")
    with pytest.raises(NotFound):
        jobs.find(web, ici, str(job.id))


def test_a_file_dies_when_one_of_its_communes_is_no_longer_given(world, running, web, ici):
    job = publish(running, web, ici, dataset="canalisations_eau")
    sql(world, "UPDATE access.rights SET communes = ARRAY['85901'] WHERE agreement = 'c-ici'")
    with pytest.raises(NotFound):
        jobs.find(web, ici, str(job.id))


def test_a_file_lives_when_a_right_that_it_does_not_use_ends(world, running, web, ici):
    job = publish(running, web, ici)
    sql(world, "DELETE FROM access.rights WHERE agreement = 'c-ici' AND dataset = 'canalisations_eau'")
    keep_house(running)
    assert jobs.find(web, ici, str(job.id)).status == "successful"
    assert results.result(world, job.id).exists()


def test_a_file_dies_on_its_last_day(world, running, web, ici):
    job = publish(running, web, ici)
    sql(world, "UPDATE jobs.jobs SET expires = now() - interval '1 second'")
    keep_house(running)
    assert not results.result(world, job.id).exists()
    with pytest.raises(NotFound):
        jobs.find(web, ici, str(job.id))


def test_rights_that_end_before_the_start_leave_no_file(world, running, web, ici):
    job = ask(web, ici)
    end_agreement(world, "c-ici")
    run(running, job.id, lambda: False)
    assert list(results.found(world)) == []


def test_rights_that_end_before_publication_leave_no_file(world, running, web, ici, monkeypatch):
    job = ask(web, ici)
    monkeypatch.setattr(
        "services.running.Jsonb", lambda holds: end_agreement(world, "c-ici") or psycopg.types.json.Jsonb(holds)
    )
    run(running, job.id, lambda: False)
    assert list(results.found(world)) == []
    assert sql(world, "SELECT status, file FROM jobs.jobs").fetchall() == [("dismissed", None)]


def test_a_dismissed_job_is_not_run(world, running, web, ici):
    job = ask(web, ici)
    assert jobs.dismiss(web, ici, str(job.id)).status == "dismissed"
    run(running, job.id, lambda: False)
    assert list(results.found(world)) == []
    assert jobs.find(web, ici, str(job.id)).status == "dismissed"


def test_a_job_that_is_given_up_while_it_runs_stops_and_leaves_no_file(world, running, web, ici):
    job = ask(web, ici)
    run(running, job.id, lambda: bool(jobs.dismiss(web, ici, str(job.id))) and False)
    assert list(results.found(world)) == []
    assert jobs.find(web, ici, str(job.id)).status == "dismissed"


def test_a_worker_that_is_asked_to_stop_leaves_no_half_file(world, running, web, ici):
    job = ask(web, ici)
    with pytest.raises(Interrupted):
        run(running, job.id, lambda: True)
    assert list(results.found(world)) == []
    assert jobs.find(web, ici, str(job.id)).status == "running"


def test_an_unforeseen_error_ends_the_job_without_its_words(world, running, web, ici, monkeypatch):
    job = ask(web, ici)
    monkeypatch.setattr("services.running.write_export", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(running, job.id, lambda: False)
    found = jobs.find(web, ici, str(job.id))
    assert (found.status, "division" in found.message, found.message != "") == ("failed", False, True)
    assert list(results.found(world)) == []


def work_until_killed(world, attempt):
    """Run a worker that an export keeps waiting for its table, at that attempt, and kill it there."""
    waiting = "SELECT q.attempts FROM queue.procrastinate_jobs q, pg_stat_activity a WHERE a.wait_event_type = 'Lock'"
    with connect(world, "admin") as connection, connection.transaction():
        connection.execute("LOCK TABLE cadastre.parcelles")
        with worker(world) as process:
            eventually(lambda: sql(world, waiting).fetchall() == [(attempt,)])
            process.send_signal(signal.SIGKILL)
            process.wait()


def eventually(true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_worker_leaves_no_half_file_and_its_job_is_run_again(world, web, ici):
    job = ask(web, ici)
    work_until_killed(world, attempt=0)
    assert jobs.find(web, ici, str(job.id)).status == "running"
    assert not results.result(world, job.id).exists()
    with worker(world):
        wait_for(web, ici, job, "successful")
    assert len(read(results.result(world, job.id))) == 30
    assert [path.name for path in results.folder(world).iterdir()] == [f"{job.id}.gpkg"]


def test_a_job_that_kills_two_workers_has_failed(world, web, ici):
    job = ask(web, ici)
    work_until_killed(world, attempt=0)
    work_until_killed(world, attempt=1)
    with worker(world):
        assert wait_for(web, ici, job, "failed").message == INTERRUPTED
        eventually(lambda: list(results.found(world)) == [])


def test_the_command_runs_jobs_until_it_is_told_to_stop(world, web, ici):
    with worker(world, "-m", "geosocle", "worker") as process:
        wait_for(web, ici, ask(web, ici), "successful")
    assert process.returncode == 0


def test_a_worker_outlives_the_loss_of_its_connections(world, web, ici):
    with worker(world) as process:
        wait_for(web, ici, ask(web, ici), "successful")
        sql(world, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'geosocle_worker'")
        wait_for(web, ici, ask(web, ici), "successful", seconds=60)
        assert process.poll() is None


def test_a_stopped_worker_gives_its_job_back(world, web, ici):
    job = ask(web, ici)
    with worker(world) as process, connect(world, "admin") as connection:
        with connection.transaction():
            connection.execute("LOCK TABLE cadastre.parcelles")
            wait_for(web, ici, job, "running")
            process.terminate()
            time.sleep(0.2)
        process.wait(20)
    with worker(world):
        wait_for(web, ici, job, "successful")


def test_files_of_nobody_are_swept(world, running, web, ici):
    job = publish(running, web, ici)
    orphan, half = results.result(world, uuid4()), results.draft(world, uuid4())
    orphan.write_bytes(b"x")
    (half / "export.gpkg").write_bytes(b"x")
    keep_house(running)
    assert set(results.found(world)) == {UUID(str(job.id))}


def test_the_folder_of_results_is_its_owners_alone(world):
    assert results.folder(world).stat().st_mode & 0o777 == 0o700
