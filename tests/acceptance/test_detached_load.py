"""A load typed in the evening: it goes on without its terminal, three workers read it, it is watched, or stopped."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from catalog.database import connect
from tests.conftest import clone
from tests.integration.test_load_queue import DOING, READY, counted, kill_busy, wait_for
from tests.integration.test_load_side_by_side import SHEETS, content

ROOT = Path(__file__).parents[2]
GEOSOCLE = [sys.executable, "-m", "geosocle"]
SECONDS = 60


@pytest.fixture(scope="module")
def typed():
    """Type a command with a database; return what it gave."""

    def run(settings, *words: object) -> subprocess.CompletedProcess[str]:
        streams = {"cwd": ROOT, "env": environment(settings), "stdin": subprocess.DEVNULL}
        command = [*GEOSOCLE, *map(str, words)]
        return subprocess.run(command, **streams, capture_output=True, text=True, timeout=SECONDS, check=False)

    return run


def environment(settings) -> dict[str, str]:
    own = {"GEOSOCLE_DSN": settings.dsn, "GEOSOCLE_STATE": str(settings.state), "GEOSOCLE_FILES": str(settings.files)}
    return os.environ | own


@contextmanager
def workers(settings, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers as they are typed."""
    command = [*GEOSOCLE, "worker", "--loads", "--jobs", "1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = [subprocess.Popen(command, cwd=ROOT, env=environment(settings), **quiet) for _ in range(number)]
    try:
        yield running
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(30)


def number_of(words: str) -> str:
    return re.match(r"Livraison (\d+) : le chargement continue sans ce terminal", words)[1]


def test_three_workers_read_it_one_is_killed_and_it_ends_in_the_content_of_one_process(
    database, cluster, template, typed
):
    with clone(cluster, template) as alone:
        expected = json.loads(typed(alone, "load", "cadastre", *SHEETS, "--json").stdout)["unites"], content(alone)
    with workers(database, 3) as running, ThreadPoolExecutor(1) as beside:
        wait_for(lambda: counted(database, READY) == len(running))
        killed = beside.submit(kill_busy, running[0], lambda: counted(database, DOING) == len(running))
        left = typed(database, "load", "cadastre", "--queue", "--detach", *SHEETS)
        number = number_of(left.stdout)
        killed.result()
        assert running[0].wait(5) == -signal.SIGKILL
        assert "en cours" in typed(database, "loads").stdout
        watched = typed(database, "loads", number)
    assert watched.returncode == 0, watched.stderr
    assert f"{len(SHEETS)} publiées" in watched.stdout
    assert watched.stdout in (database.state / "loads" / f"{number}.log").read_text()
    told = json.loads(typed(database, "loads", number, "--json").stdout)["unites"]
    assert (told, content(database)) == expected
    for table in ("etl.tasks", "staging.parcelles", "queue.procrastinate_jobs"):
        assert counted(database, f"SELECT count(*) FROM {table}") == 0


def test_it_is_stopped_from_elsewhere_and_the_same_command_goes_on(database, typed):
    left = typed(database, "load", "cadastre", "--queue", "--detach", *SHEETS[:2])
    number = number_of(left.stdout)
    assert f"Livraison {number} : arrêtée." in typed(database, "loads", number, "--cancel").stdout
    with connect(database, "admin") as connection:
        assert connection.execute("SELECT count(*) FROM queue.procrastinate_jobs").fetchone() == (0,)
    assert typed(database, "loads", number).returncode == 130
    assert "n'est pas en cours" in typed(database, "loads", number, "--cancel").stderr
    again = typed(database, "load", "cadastre", "--detach", *SHEETS[:2])
    assert number_of(again.stdout) == number
    ended = typed(database, "loads", number)
    assert (ended.returncode, "2 publiées" in ended.stdout) == (0, True)


def test_what_fails_before_it_has_a_number_is_said_at_once_with_its_code(database, typed):
    nowhere = replace(database, dsn=make_conninfo(database.dsn, dbname="nulle_part"))
    told = typed(nowhere, "load", "cadastre", "--detach", SHEETS[0])
    assert (told.returncode, told.stdout) == (1, "")
    assert "Erreur" in told.stderr
    assert not list((database.state / "loads").glob("essai-*"))
    assert "n'existe pas" in typed(database, "loads", "12345").stderr
