"""Several workers, as on several machines, take one delivery from the queue: the content is that of one process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.database import connect, query
from catalog.errors import SettingsError
from catalog.settings import Settings
from etl import fleet, loads
from etl.pipeline import load
from etl.report import REFUSED, Report
from etl.sources import Options
from etl.taking import KILLED
from geosocle.commands.loads import duration, said
from geosocle.commands.rows import rows
from tests.conftest import clone
from tests.integration.test_load_side_by_side import SHEETS, content, told

DOING = "SELECT count(*) FROM queue.procrastinate_jobs WHERE status = 'doing'"
READY = "SELECT count(*) FROM queue.procrastinate_workers"
ROOT = Path(__file__).parents[2]
FAST = """
from catalog.queue import Pace
from catalog.settings import settings
from etl.loads import run
run(settings(), 1, Pace(heartbeat=0.2, polling=0.2, dead=1, housekeeping=0.2, retry=0.5))
"""


@contextmanager
def workers(settings: Settings, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Real workers, each in a process of its own, that beat fast."""
    environment = os.environ | {"GEOSOCLE_DSN": settings.dsn, "GEOSOCLE_STATE": str(settings.state)}
    running = [subprocess.Popen([sys.executable, "-c", FAST], cwd=ROOT, env=environment) for _ in range(number)]
    try:
        yield running
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(15)


def counted(settings: Settings, statement: str) -> int:
    with connect(settings, "admin") as connection:
        return int(connection.execute(statement).fetchone()[0])


@pytest.fixture(scope="module")
def expected(cluster: Any, template: str) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    with clone(cluster, template) as own:
        report = load("cadastre", SHEETS, Options(), own)
        return content(own), told(report)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def kill_busy(worker: subprocess.Popen[bytes], all_busy: Callable[[], bool]) -> None:
    """Kill a worker that has a task in hand: held still, it can neither end it nor take another."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        worker.send_signal(signal.SIGSTOP)
        if all_busy():
            worker.send_signal(signal.SIGKILL)
            return
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    raise AssertionError("the worker was never busy")


def test_the_command_that_dies_is_run_again_and_goes_on(database: Settings, expected: Any) -> None:
    def stop(done: int, _total: int, _what: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with workers(database, 1):
        with pytest.raises(KeyboardInterrupt):
            load("cadastre", SHEETS, Options(), database, stop, queue=True)
        report = load("cadastre", SHEETS, Options(), database, queue=True)
    assert (content(database), told(report)) == expected


def test_what_a_machine_cannot_read_is_refused_in_words(
    database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = [tmp_path / SHEETS[0].name, tmp_path / SHEETS[1].name]
    for sheet, origin in zip(sheets, SHEETS, strict=False):
        sheet.write_bytes(origin.read_bytes())

    def hide(done: int, total: int, _what: str) -> None:
        if done == 0 and total == len(sheets):
            sheets[0].rename(tmp_path / "elsewhere")

    with workers(database, 1):
        report = load("cadastre", sheets, Options(), database, hide, queue=True)
    (lost,) = [unit for unit in report.units if unit.status == REFUSED]
    assert "dossier partagé" in str(lost.reason)
    assert report.exit_code == 3


def test_a_machine_without_the_loaders_secret_is_told_so_at_once(database: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"geosocle_loader\.pgpass"):
        loads.run(replace(database, state=tmp_path))


def test_a_task_that_is_lost_with_its_worker_again_and_again_is_refused_and_the_load_ends(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "POLLING", 0.05)
    reports: list[Report] = []
    loading = threading.Thread(
        target=lambda: reports.append(load("cadastre", SHEETS[:2], Options(), database, queue=True)), daemon=True
    )
    loading.start()
    deadline = time.monotonic() + 60
    with connect(database, "admin") as connection:
        connection.execute("SET search_path TO queue, pg_catalog")  # its triggers name no schema
        while loading.is_alive() and time.monotonic() < deadline:
            connection.execute("DELETE FROM procrastinate_jobs")
            time.sleep(0.02)
    (report,) = reports
    assert [(unit.status, unit.reason) for unit in report.units] == [(REFUSED, KILLED)] * 2
    assert report.exit_code == 4


def test_the_commands_themselves_a_load_that_nobody_reads_says_so_and_a_worker_ends_it(database: Settings) -> None:
    environment = os.environ | {"GEOSOCLE_DSN": database.dsn, "GEOSOCLE_STATE": str(database.state)}
    geosocle = [sys.executable, "-m", "geosocle"]
    streams = {"cwd": ROOT, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [*geosocle, "load", "cadastre", *map(str, SHEETS[:2]), "--queue"]
    with subprocess.Popen(command, **streams) as loading:
        began = time.monotonic()
        assert "lancez « geosocle worker --loads »" in loading.stderr.readline()
        assert time.monotonic() - began < 20
        shown = subprocess.run([*geosocle, "loads"], **streams, check=True).stdout
        assert "lecture" in shown
        assert "0 sur 2" in shown
        assert "en cours" in shown
        with subprocess.Popen([*geosocle, "worker", "--loads", "--jobs", "1"], **streams) as worker:
            report, words = loading.communicate(timeout=60)
            worker.terminate()
            worker.communicate(timeout=30)
    assert (loading.returncode, words) == (0, "")
    assert "2 publiées" in report
    shown = subprocess.run([*geosocle, "loads"], **streams, check=True).stdout
    assert shown == "Aucun chargement en cours.\n"


def test_a_load_that_was_stopped_is_told_with_what_to_do(database: Settings) -> None:
    def stop(done: int, _total: int, _what: str) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load("cadastre", SHEETS[:2], Options(), database, stop)
    with connect(database, "admin") as connection:
        (row,) = rows(connection, query("loads_under_way", package="etl"), {})
    told = said(row)
    assert (told["avance"], told["rythme"], told["reste"]) == ("1 sur 2", None, None)
    assert "relancez la même commande" in told["etat"]
    assert duration(65) == "1 min 05 s"
