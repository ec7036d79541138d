"""Several processes read one delivery: the content is that of one, whichever of them dies."""

import os
import random
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.database import connect
from catalog.settings import Settings
from etl import crew
from etl.loading import SHARED
from etl.pipeline import load
from etl.report import PUBLISHED, REFUSED, Report
from etl.sources import Options
from etl.taking import TOO_LONG
from tests.conftest import clone

OUTPUT = Path(__file__).parents[2] / "data_samples" / "output"
SHEETS = sorted((OUTPUT / "cadastre").glob("edigeo-8590[12]*.tar.bz2"))
SHEET = "edigeo-85901000AB01.tar.bz2"
TABLES = ("communes", "sections", "feuilles", "parcelles", "batiments", "lieux_dits", "subdivisions_fiscales")
Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def ask(database: Settings) -> Iterator[Ask]:
    with connect(database, "admin") as connection:
        yield lambda statement: connection.execute(statement).fetchall()


def content(settings: Settings) -> list[tuple[Any, ...]]:
    """What is served, whatever the delivery that brought it; each sheet repeats the commune and the section."""
    with connect(settings, "admin") as connection:
        return [
            connection.execute(
                f"SELECT '{name}', count(*), md5(string_agg((to_jsonb(t) - %s)::text, '' ORDER BY id))"
                f" FROM cadastre.{name} t",
                ["unite" if name in SHARED else ""],
            ).fetchone()
            for name in TABLES
        ] + connection.execute("SELECT commune, ST_AsText(geom) FROM admin.limites ORDER BY commune").fetchall()


def told(report: Report) -> list[dict[str, Any]]:
    """What a report says of its sheets."""
    return [unit.as_json() for unit in report.units]


@pytest.fixture(scope="module")
def expected(cluster: Any, template: str) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    """What one process alone makes of the sheets, and says of it."""

    with clone(cluster, template) as own:
        report = load("cadastre", SHEETS, Options(), own)
        return content(own), told(report)


def members(of: int | None = None) -> list[int]:
    """The processes of a process's crews, of this one's unless told."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == (of or os.getpid()) and b"etl.member" in (place / "cmdline").read_bytes():
                found.append(int(place.name))
    return sorted(found)


@contextmanager
def meanwhile(
    act: Callable[[list[int]], None], first: float = 0.5, every: float = 1.0, times: int = 3
) -> Iterator[None]:
    """Do something to the members of a crew now and then, while a block runs."""
    over = threading.Event()

    def watch() -> None:
        pause = first
        for _ in range(times):
            while not over.wait(pause) and not (alive := members()):
                pause = 0.05
            if over.is_set():
                return
            act(alive)
            pause = every

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def kill_one(alive: list[int]) -> None:
    with suppress(ProcessLookupError):
        os.kill(random.choice(alive), signal.SIGKILL)


def test_two_processes_give_the_content_and_the_report_of_one(database: Settings, expected: Any) -> None:
    report = load("cadastre", SHEETS, Options(), database, jobs=2)
    assert (content(database), told(report)) == expected
    assert members() == []


def test_a_process_that_is_killed_takes_nothing_with_it(database: Settings, expected: Any) -> None:
    with meanwhile(kill_one, times=1):
        report = load("cadastre", SHEETS, Options(), database, jobs=2)
    assert (content(database), told(report)) == expected


def test_whatever_is_killed_and_when_the_next_run_ends_it(database: Settings, expected: Any, ask: Ask) -> None:
    def kill_a_backend(_: list[int]) -> None:
        ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'geosocle_loader'"
            " AND datname = current_database() ORDER BY random() LIMIT 1"
        )

    for act in (kill_one, kill_a_backend):
        with meanwhile(act, first=0.2, every=0.3, times=6), suppress(crew.Unavailable):
            load("cadastre", SHEETS, Options(force=True), database, jobs=2)
    load("cadastre", SHEETS, Options(), database, jobs=2)
    assert content(database) == expected[0]
    assert ask("SELECT count(*) FROM staging.parcelles") == [(0,)]


def test_a_sheet_that_takes_for_ever_is_refused_and_the_others_are_served(
    database: Settings, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(crew.SILENCE, "cadastre", 6.0)
    with meanwhile(lambda alive: os.kill(alive[0], signal.SIGSTOP), times=1):
        report = load("cadastre", SHEETS, Options(), database, jobs=2)
    (late,) = [unit for unit in report.units if unit.status == REFUSED]
    assert late.reason == TOO_LONG
    assert len([unit for unit in report.units if unit.status == PUBLISHED]) == len(SHEETS) - 1
    assert load("cadastre", SHEETS, Options(), database).exit_code == 0
    assert content(database) == expected[0]


@pytest.mark.parametrize("jobs", [None, 2])
def test_of_two_editions_of_a_sheet_the_newest_is_served_whatever_their_order(
    jobs: int | None, database: Settings, ask: Ask
) -> None:
    older, newer = (OUTPUT / folder / SHEET for folder in ("cadastre", "cadastre_edition2"))
    for order in ([older, newer], [newer, older]):
        report = load("cadastre", order, Options(force=True), database, jobs=jobs)
        states = {str(unit.edition): (unit.status, unit.reason) for unit in report.units}
        assert states["2026-10-01"] == (PUBLISHED, None)
        assert "édition plus récente" in states["2026-07-01"][1]
        assert ask("SELECT DISTINCT edition::text FROM cadastre.parcelles") == [("2026-10-01",)]
        assert report.exit_code == 3


def test_of_two_lots_as_new_the_first_by_name_is_served(database: Settings, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    copies = [tmp_path / f"a {SHEET}", tmp_path / "b" / SHEET]
    for copy in copies:
        copy.write_bytes((OUTPUT / "cadastre" / SHEET).read_bytes())
    report = load("cadastre", copies[::-1], Options(), database, jobs=2)
    assert [unit.status for unit in report.units] == [REFUSED, PUBLISHED]
    assert "deux fois dans la livraison (aussi a edigeo" in str(report.units[0].reason)
    assert ask("SELECT DISTINCT file LIKE 'a edigeo%' FROM etl.units") == [(True,)]


def test_what_is_served_already_keeps_an_older_lot_of_the_delivery_out(database: Settings, ask: Ask) -> None:
    older, newer = (OUTPUT / folder / SHEET for folder in ("cadastre", "cadastre_edition2"))
    load("cadastre", [newer], Options(), database)
    report = load("cadastre", [older, newer], Options(), database, jobs=2)
    assert [unit.status for unit in report.units] == [REFUSED, "inchangée"]
    assert ask("SELECT count(*) FROM cadastre.parcelles_passe") == [(0,)]


def test_communes_in_one_folder_packed_in_any_way_give_the_same(
    database: Settings, expected: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "Livraison d'été 2026"
    loose, packed = SHEETS[::2], SHEETS[1::2]
    for sheet in loose:
        place = folder / "Saint-Étienne du Bois" / sheet.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(sheet.read_bytes())
    with zipfile.ZipFile(folder / "feuilles à part.zip", "w") as archive:
        for sheet in packed:
            archive.write(sheet, f"Envoyé le 3 août/{sheet.name}")
    report = load("cadastre", [folder], Options(), database, jobs=2)
    assert (report.exit_code, len(report.units)) == (0, len(SHEETS))
    assert content(database) == expected[0]


def test_a_load_is_stopped_at_once_and_goes_on(database: Settings, expected: Any) -> None:
    stopped = 0.0

    def stop(_done: int, _total: int, _what: str) -> None:
        nonlocal stopped
        if _done == 2:
            stopped = time.monotonic()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load("cadastre", SHEETS, Options(), database, stop, jobs=2)
    assert time.monotonic() - stopped < 5
    assert members() == []
    report = load("cadastre", SHEETS, Options(), database, jobs=2)
    assert sum("chargement interrompu" in str(unit.notices) for unit in report.units) >= 2
    assert content(database) == expected[0]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_the_command_says_that_it_was_stopped_and_leaves_no_process(
    number: int, code: int, database: Settings, ask: Ask
) -> None:
    environment = os.environ | {"GEOSOCLE_DSN": database.dsn, "GEOSOCLE_STATE": str(database.state)}
    command = [sys.executable, "-m", "geosocle", "load", "cadastre", *map(str, SHEETS), "--jobs", "2"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while ask("SELECT count(*) < 2 FROM etl.units") == [(True,)] and process.poll() is None:
            time.sleep(0.02)
        alive = members(process.pid)
        process.send_signal(number)
        words = process.communicate(timeout=30)[1]
    assert process.returncode == code
    assert ("relancez la même commande" in words) == (code == 130)
    assert len(alive) == 2
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{one}").exists() for one in alive) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{one}").exists() for one in alive)


def test_a_lot_whose_reading_takes_too_much_memory_is_refused_and_the_others_are_served(
    database: Settings, ask: Ask, tmp_path: Path
) -> None:
    hungry = OUTPUT / "cadastre" / SHEET
    with tarfile.open(hungry) as archive:
        archive.extractall(tmp_path / SHEET, filter="data")
    for member in ("*.QAL", "*S1.VEC", "*T1.VEC"):
        path = next((tmp_path / SHEET).glob(member))
        path.write_bytes(with_remarks(path.read_bytes()))
    others = [sheet for sheet in SHEETS if sheet.name != SHEET][:2]
    tight = replace(database, read_memory=256)  # an ordinary one takes 200
    report = load("cadastre", [tmp_path / SHEET, *others], Options(), tight)
    assert [unit.status for unit in report.units] == [REFUSED, PUBLISHED, PUBLISHED], str(report)
    assert "demande trop de mémoire : plus de 256 Mio" in str(report.units[0].reason)
    assert "GEOSOCLE_READ_MEMORY" in str(report.units[0].reason)
    assert ask("SELECT count(DISTINCT unite) FROM cadastre.parcelles") == [(2,)]
    more = replace(database, read_memory=600)
    assert load("cadastre", [tmp_path / SHEET], Options(), more).exit_code == 0


def with_remarks(content: bytes) -> bytes:
    """A member of 50 MB, which are less than what is refused unread; the child has each twice."""
    end = content.rindex(b"EOMT")
    return content[:end] + (b"CM1CC60:" + b"x" * 60 + b"\r\n") * 700_000 + content[end:]
