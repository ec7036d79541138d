"""Jobs of whoever signed in: they outlive the session, and die with the identity."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from catalog.access import principal
from catalog.database import connect
from catalog.errors import NotFound, UnknownToken
from catalog.identities import add_identity, close_session, open_session, remove_identity
from services import jobs, results
from services.exports import read_export
from services.running import keep_house, run

ISSUER = "https://comptes.exemple.fr"


@pytest.fixture
def alice(world, web):
    """Somebody of the first commune who signed in, and the identity that lets her in."""
    with connect(world, "admin") as connection:
        identity = add_identity(connection, "ici", ISSUER, {"sub": "alice"})
    return identity, signed_in(web)


def signed_in(web):
    key = hashlib.sha256(secrets.token_bytes()).hexdigest()
    assert open_session(web, key, ISSUER, {"sub": "alice"}, datetime.now(UTC) + timedelta(hours=1))
    return principal(web, key)


def asked(web, caller):
    export = read_export({"dataset": "parcelles"}, web, caller)
    return jobs.ask(web, caller, "export", export.inputs, export.holds)


def test_a_job_goes_on_when_its_asker_has_left_and_is_found_when_she_comes_back(alice, web, running, voisine):
    job = asked(web, alice[1])
    close_session(web, alice[1].key)
    run(running, job.id, lambda: False)
    found = jobs.find(web, signed_in(web), str(job.id))
    assert found.status == "successful"
    assert results.result(running.settings, job.id).is_file()
    with pytest.raises(NotFound):
        jobs.find(web, voisine, str(job.id))


def test_a_session_that_has_ended_asks_for_nothing(alice, web):
    close_session(web, alice[1].key)
    with pytest.raises(NotFound):
        jobs.ask(web, alice[1], "export", {}, [{"dataset": "parcelles", "group": "base", "communes": ["85901"]}])


def test_a_job_and_its_file_die_with_the_identity(alice, web, running, world, ici):
    done, waiting = asked(web, alice[1]), asked(web, alice[1])
    run(running, done.id, lambda: False)
    with connect(world, "admin") as connection:
        key = connection.execute("SELECT key FROM jobs.jobs WHERE id = %s", [done.id]).fetchone()[0]
        remove_identity(connection, alice[0])
    for job in (done, waiting):
        with pytest.raises(NotFound):
            jobs.find(web, ici, str(job.id))
    with pytest.raises(UnknownToken):
        principal(web, key)
    run(running, waiting.id, lambda: False)
    keep_house(running)
    assert not results.result(running.settings, done.id).exists()
    assert not results.result(running.settings, waiting.id).exists()
