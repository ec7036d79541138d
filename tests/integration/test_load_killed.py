"""Seventy sheets, and whatever dies in the middle, again and again: in the end, row by row, nothing is other.

`GEOSOCLE_FUZZ_KILLS` and `GEOSOCLE_FUZZ_SEED` kill more, or at other moments: docs/qualite.md.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import psycopg
import pytest

from catalog.database import connect
from catalog.errors import Unavailable
from catalog.loader import datasets
from catalog.migrate import migrate
from catalog.settings import Settings
from data_samples.edigeo import write_lots
from data_samples.territory import make_world
from etl.loading import SHARED
from etl.pipeline import load
from etl.sources import Options
from geosocle.cluster import Cluster
from tests import clusters
from tests.conftest import clone, settings_of

AWAY = (psycopg.OperationalError, Unavailable)
KILLS = int(os.environ.get("GEOSOCLE_FUZZ_KILLS", "4"))
SEED = os.environ.get("GEOSOCLE_FUZZ_SEED", "85")
MOST = 120  # seconds for what should take ten
ROOT = Path(__file__).parents[2]
TABLES = [
    (f"{dataset.schema}.{dataset.name}{past}", "unite" if dataset.id in SHARED else "")
    for dataset in datasets().values()
    if dataset.kind in ("cadastre", "mutations")
    for past in ("", "_passe")
]
MORE = [("admin.limites", ""), ("etl.scores", ""), ("etl.published", "delivery"), ("access.statistics", "")]


def rows(settings: Settings) -> dict[str, Counter[str]]:
    """Every row that a load leaves, but for the delivery that brought it; each sheet repeats commune and section."""
    with connect(settings, "admin") as connection:
        there = {
            f"{schema}.{name}" for schema, name in connection.execute("SELECT schemaname, tablename FROM pg_tables")
        }
        return {
            table: Counter(
                row for (row,) in connection.execute(f"SELECT (to_jsonb(t) - %s)::text FROM {table} t", [out])
            )
            for table, out in (*TABLES, *MORE)
            if table in there
        }


@pytest.fixture(scope="module")
def sheets(tmp_path_factory) -> list[Path]:
    """Seventy small sheets of fourteen communes."""
    return list(write_lots(make_world(85, 14, 20), tmp_path_factory.mktemp("sheets")))


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL whose sessions may be killed, with what is committed on the disk."""
    with clusters.temporary({}) as running:
        running.create_database("empty")
        migrate(settings_of(running, "empty"))
        yield running


def started(settings: Settings, sheets: list[Path]) -> subprocess.Popen[str]:
    """The command at work, with two processes."""
    environment = os.environ | {"GEOSOCLE_DSN": settings.dsn, "GEOSOCLE_STATE": str(settings.state)}
    command = [sys.executable, "-m", "geosocle", "load", "cadastre", str(sheets[0].parent), "--jobs", "2"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def below(process: int, what: bytes) -> list[int]:
    """The processes that a process has started, and these in turn, whose command has a word in it."""
    parents, commands = {}, {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            commands[int(place.name)] = (place / "cmdline").read_bytes()
    found = {process}
    for _ in range(5):
        found |= {child for child, parent in parents.items() if parent in found}
    return sorted(one for one in found - {process} if what in commands.get(one, b""))


def sessions(settings: Settings) -> list[int]:
    """The sessions of the load in the database."""
    asked = "SELECT pid FROM pg_stat_activity WHERE usename = 'geosocle_loader' AND datname = current_database()"
    with connect(settings, "admin") as connection:
        return [pid for (pid,) in connection.execute(asked)]


VICTIMS: dict[str, Callable[[subprocess.Popen[str], Settings], list[int]]] = {
    "command": lambda process, _: [process.pid],
    "member": lambda process, _: below(process.pid, b"etl.member"),
    "child": lambda process, _: below(process.pid, b"child.py"),
    "session": lambda _, settings: sessions(settings),
}


def answering(settings: Settings) -> None:
    """Wait until PostgreSQL, which ends all sessions when one is killed, answers again."""
    deadline = time.monotonic() + MOST
    while time.monotonic() < deadline:
        with suppress(*AWAY), connect(settings, "admin") as connection:
            if connection.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,):
                return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL does not come back")


def kill(random: Random, kind: str, process: subprocess.Popen[str], settings: Settings) -> bool:
    """Kill one of a kind, if there is any."""
    with suppress(*AWAY):
        if alive := VICTIMS[kind](process, settings):
            with suppress(ProcessLookupError):
                os.kill(random.choice(alive), signal.SIGKILL)
                return True
    return False


def done(settings: Settings) -> int:
    """How many sheets are read, and communes published, by all runs so far."""
    asked = "SELECT (SELECT count(*) FROM etl.units) + (SELECT count(DISTINCT commune) FROM etl.published)"
    with suppress(*AWAY), connect(settings, "admin") as connection:
        return connection.execute(asked).fetchone()[0]
    return 0


def wait_for_more(settings: Settings, process: subprocess.Popen[str], number: int) -> None:
    """Wait until so much is done, or the command has ended."""
    while process.poll() is None and done(settings) < number:
        time.sleep(0.02)


def harried(random: Random, settings: Settings, sheets: list[Path], kills: int) -> tuple[Counter[str], list[str]]:
    """Load while something is killed now and then; return what was, and what the command wrote of it."""
    killed, words = Counter[str](), []
    kinds = [kind for _ in range(kills) for kind in VICTIMS][:kills]
    while kinds:
        process = started(settings, sheets)
        while kinds and process.poll() is None:
            wait_for_more(settings, process, done(settings) + random.randint(1, 60 // KILLS + 1))
            if process.poll() is None and kill(random, kinds[0], process, settings):
                killed[kinds.pop(0)] += 1
        words.append(process.communicate(timeout=MOST)[1])
        answering(settings)
        if process.returncode == 0 and kinds:  # all of it was loaded before all were killed
            break
    return killed, words


def test_whatever_is_killed_again_and_again_the_content_is_that_of_a_load_that_nothing_disturbed(own_cluster, sheets):
    with clone(own_cluster, "empty") as quiet:
        assert load("cadastre", [sheets[0].parent], Options(), quiet, jobs=2).exit_code == 0
        expected = rows(quiet)
    random, total = Random(SEED), Counter[str]()
    while total.total() < KILLS:
        with clone(own_cluster, "empty") as own:
            killed, words = harried(random, own, sheets, KILLS - total.total())
            total += killed
            assert not any("Traceback" in one for one in words), words
            reports = [load("cadastre", [sheets[0].parent], Options(), own, jobs=2) for _ in range(2)]
            assert reports[-1].exit_code == 0, str(reports[-1])
            found = rows(own)
            assert {table for table in expected if found[table] != expected[table]} == set()
            assert reports[-1].unchanged
    print(f"{total.total()} tués : {dict(total)}")
