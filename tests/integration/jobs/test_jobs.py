"""Jobs: known to the one who asked alone, and dead with the agreement."""

from contextlib import nullcontext
from uuid import uuid4

import psycopg
import pytest

from catalog import access
from catalog.database import connect
from catalog.errors import NotFound, QuotaExceeded
from services import jobs, results
from services.exports import Export
from services.running import keep_house, run
from tests.integration.jobs.desk import A, B, ask, end_agreement, publish, sql


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


def test_who_asks_beside_another_is_counted_after_it(world, web, ici, voisine):
    with connect(world, "web") as beside, jobs.as_asker(web, ici) as asking:
        beside.execute("SET lock_timeout = '200ms'")
        asking.execute("SELECT jobs.pending()")
        for asker, waits in ((ici, True), (voisine, False)):
            with beside.transaction():
                beside.execute("SELECT set_config('app.key', %s, true)", [asker.key])
                with pytest.raises(psycopg.errors.LockNotAvailable) if waits else nullcontext(), beside.transaction():
                    beside.execute("SELECT jobs.pending()")


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
