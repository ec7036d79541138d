"""PostgreSQL itself dies in the middle of a load: run again, it ends in the content of one that nothing disturbed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.database import connect
from catalog.migrate import migrate
from catalog.settings import Settings
from etl.pipeline import load
from etl.sources import Options
from geosocle.cluster import Cluster, start
from tests import clusters
from tests.conftest import clone, settings_of
from tests.integration.test_load_side_by_side import SHEETS, content

MOST = 60  # seconds
DURABLE: dict[str, str] = {}  # a crash is one only where what is committed is on the disk
Act = Callable[[Cluster, Settings], object]


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL to be killed: the other tests keep theirs."""
    with clusters.temporary(DURABLE) as running:
        running.create_database("empty")
        migrate(settings_of(running, "empty"))
        yield running


@pytest.fixture(scope="module")
def expected(own_cluster: Cluster) -> list[tuple[Any, ...]]:
    """What an undisturbed load gives."""
    with clone(own_cluster, "empty") as own:
        load("cadastre", SHEETS, Options(), own)
        return content(own)


def kill_a_session(_: Cluster, settings: Settings) -> None:
    """What the kernel does to a session for want of memory; PostgreSQL then ends all the others."""
    with connect(settings, "admin") as connection:
        (session,) = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'geosocle_loader' AND datname = current_database()"
            " ORDER BY backend_start DESC LIMIT 1"
        ).fetchone()
    os.kill(session, signal.SIGKILL)


def stop_at_once(cluster: Cluster, _: Settings) -> None:
    """What `pg_ctl stop -m immediate` does, or a machine that goes off."""
    os.kill(int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGQUIT)
    deadline = time.monotonic() + MOST
    while cluster.status() == "running" and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize("act", [kill_a_session, stop_at_once])
def test_postgresql_dies_in_the_middle_and_the_load_run_again_gives_the_same(
    act: Act, own_cluster: Cluster, expected: list[tuple[Any, ...]]
) -> None:
    with clone(own_cluster, "empty") as own:
        process = started(own)
        wait_for_two_sheets(own, process)
        act(own_cluster, own)
        words = process.communicate(timeout=MOST)[1]
        start(own_cluster.state, attached=True, options=DURABLE)
        assert process.returncode not in (0, 3, 4), "the load was to be in the middle"
        assert "Traceback" not in words
        report = load("cadastre", SHEETS, Options(), own, jobs=2)
        assert sum("chargement interrompu" in str(unit.notices) for unit in report.units) >= 2
        assert content(own) == expected


def started(settings: Settings) -> subprocess.Popen[str]:
    """The command at work, with two processes."""
    environment = os.environ | {"GEOSOCLE_DSN": settings.dsn, "GEOSOCLE_STATE": str(settings.state)}
    command = [sys.executable, "-m", "geosocle", "load", "cadastre", *map(str, SHEETS), "--jobs", "2"]
    return subprocess.Popen(
        command, cwd=Path(__file__).parents[2], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def wait_for_two_sheets(settings: Settings, process: subprocess.Popen[str]) -> None:
    with connect(settings, "admin") as connection:
        while process.poll() is None:
            if connection.execute("SELECT count(*) >= 2 FROM etl.units").fetchone() == (True,):
                return
            time.sleep(0.01)
