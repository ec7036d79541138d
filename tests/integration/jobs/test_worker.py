"""The worker: killed, stopped or cut off, it leaves no half file and loses no job."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from uuid import UUID, uuid4

import pytest

from catalog.database import connect
from services import jobs, results
from services.running import INTERRUPTED, Interrupted, keep_house, run
from tests.integration.jobs.desk import ask, eventually, publish, read, sql, wait_for, work_until_killed, worker


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


def test_a_worker_ends_when_told_while_the_database_is_away(world):
    with worker(replace(world, dsn="host=/nowhere dbname=geosocle")) as process:
        time.sleep(3)
        process.terminate()
        assert process.wait(10) in (0, -signal.SIGTERM)  # the second: told before it was listening


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
    orphan, half = results.result(world, uuid4()), results.draft(world, uuid4(), uuid4())
    orphan.write_bytes(b"x")
    (half / "export.gpkg").write_bytes(b"x")
    keep_house(running)
    assert set(results.found(world)) == {UUID(str(job.id))}


def test_an_attempt_that_comes_back_after_its_successor_has_published_changes_nothing(world, running, web, ici):
    job = ask(web, ici)
    published = []

    def late():
        run(running, job.id, lambda: False)
        published.append(results.result(world, job.id).read_bytes())
        return False

    run(running, job.id, late)
    assert jobs.find(web, ici, str(job.id)).status == "successful"
    assert results.result(world, job.id).read_bytes() == published[0]
    assert [path.name for path in results.folder(world).iterdir()] == [f"{job.id}.gpkg"]


def test_an_attempt_that_comes_back_while_its_successor_writes_does_not_publish(world, running, web, ici, monkeypatch):
    monkeypatch.setattr("services.exports.BATCH", 7)
    job = ask(web, ici)
    suspended, resumed = Event(), Event()

    def late():
        suspended.set()
        return not resumed.wait(20)

    def after_the_first():
        resumed.set()
        first.result(20)
        assert jobs.find(web, ici, str(job.id)).status == "running"
        return results.result(world, job.id).exists()

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(run, running, job.id, late)
        assert suspended.wait(20)
        run(running, job.id, after_the_first)
    assert jobs.find(web, ici, str(job.id)).status == "successful"
    assert len(read(results.result(world, job.id))) == 30
    assert [path.name for path in results.folder(world).iterdir()] == [f"{job.id}.gpkg"]


def test_an_attempt_that_fails_after_its_successor_began_does_not_end_the_job(world, running, web, ici):
    job = ask(web, ici)

    def late():
        with pytest.raises(Interrupted):
            run(running, job.id, lambda: True)
        raise OSError

    with pytest.raises(OSError):
        run(running, job.id, late)
    assert jobs.find(web, ici, str(job.id)).status == "running"


def test_the_folder_of_results_is_its_owners_alone(world):
    assert results.folder(world).stat().st_mode & 0o777 == 0o700
