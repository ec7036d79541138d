"""What tests of jobs do again and again: ask, run a real worker, wait, read what was written."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from catalog import access
from catalog.database import connect
from hunter.members import TODAY
from services import jobs, results
from services.exports import read_export
from services.running import run

ROOT = Path(__file__).parents[3]
FAST = """
from catalog.settings import settings
from services.worker import Pace, run
run(settings(), Pace(heartbeat=0.2, polling=0.2, dead=1, housekeeping=0.2, retry=0.5))
"""
A, B = "85901", "85902"


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


def publish(running, web, principal, **inputs):
    job = ask(web, principal, **inputs)
    run(running, job.id, lambda: False)
    assert jobs.find(web, principal, str(job.id)).status == "successful"
    assert results.result(running.settings, job.id).exists()
    return job


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
