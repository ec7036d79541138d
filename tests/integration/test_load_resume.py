"""A load that is killed, or that runs twice at once, ends in the same content."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from catalog.database import connect
from catalog.loader import datasets
from catalog.settings import Settings
from etl import loading, pipeline, tables
from etl.pipeline import load
from etl.publication import Left, Publication
from etl.report import Report
from etl.sources import Options

OUTPUT = Path(__file__).parents[2] / "data_samples" / "output"
SHEETS = sorted((OUTPUT / "cadastre").glob("edigeo-8590[12]*01.tar.bz2"))
TABLES = [dataset.id for dataset in datasets().values() if dataset.kind == "cadastre"]


def ask(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    with connect(settings, "admin") as connection:
        return connection.execute(statement).fetchall()


def digest(settings: Settings) -> list[tuple[Any, ...]]:
    """What is served, whatever the delivery that brought it."""
    parts = [
        f"SELECT '{name}' AS t, count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM cadastre.{name} t"
        for name in TABLES
    ]
    return ask(settings, " UNION ALL ".join(parts) + " ORDER BY 1")


@pytest.fixture
def expected(database: Settings, cluster: Any, template: str) -> list[tuple[Any, ...]]:
    """What an undisturbed load gives."""
    load("cadastre", SHEETS, Options(), database)
    content = digest(database)
    with connect(database, "admin") as connection:
        names = ", ".join(f"cadastre.{name}, cadastre.{name}_passe" for name in TABLES)
        connection.execute(
            f"TRUNCATE {names}, etl.published, etl.rejects, etl.reparations, etl.tasks, etl.units, etl.deliveries, "
            "etl.scores, admin.limites, access.statistics"
        )
    return content


def start(settings: Settings) -> subprocess.Popen[bytes]:
    """Start a load as the command does."""
    environment = os.environ | {"GEOSOCLE_DSN": settings.dsn, "GEOSOCLE_STATE": str(settings.state)}
    command = [sys.executable, "-m", "geosocle", "load", "cadastre", *map(str, SHEETS)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_killed_in_the_middle_and_run_again_it_gives_the_same(
    database: Settings, expected: list[tuple[Any, ...]]
) -> None:
    process = start(database)
    deadline = time.monotonic() + 60
    while ask(database, "SELECT count(*) FROM etl.units")[0][0] < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    staged = ask(database, "SELECT count(*) FROM etl.units WHERE status = 'staged'")[0][0]
    assert staged >= 2
    report = load("cadastre", SHEETS, Options(), database)
    assert report.exit_code == 0
    assert sum("chargement interrompu" in str(unit.notices) for unit in report.units) >= 2
    assert digest(database) == expected
    totals = report.totals()
    assert all(counts.read == counts.loaded + counts.rejected + counts.seen_again for counts in totals.values())
    assert ask(database, "SELECT count(*) FROM cadastre.parcelles_passe") == [(0,)]


def test_a_failure_between_two_communes_leaves_each_whole(
    database: Settings, expected: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = loading.publish

    def fail_on_the_second(connection: Any, publication: Publication) -> list[Left]:
        if publication.commune == "85902":
            raise KeyboardInterrupt
        return publish(connection, publication)

    monkeypatch.setattr(pipeline.loading, "publish", fail_on_the_second)
    with pytest.raises(KeyboardInterrupt):
        load("cadastre", SHEETS, Options(), database)
    assert ask(database, "SELECT DISTINCT commune FROM cadastre.parcelles") == [("85901",)]
    monkeypatch.undo()
    assert load("cadastre", SHEETS, Options(), database).exit_code == 0
    assert digest(database) == expected


@pytest.mark.parametrize(
    "statement", ["publish_replace", "publish_base", "refresh_statistics", "set_published", "set_limit"]
)
def test_a_failure_at_any_step_leaves_what_was_served(
    statement: str, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = "edigeo-85901000AB01.tar.bz2"
    load("cadastre", [OUTPUT / "cadastre" / sheet], Options(), database)
    before = digest(database)
    query = tables.database.query

    def broken(name: str, package: str = "catalog") -> str:
        return "SELECT 1 / 0" if name == statement else query(name, package)

    monkeypatch.setattr(tables.database, "query", broken)
    with pytest.raises(tables.database.psycopg.Error):
        load("cadastre", [OUTPUT / "cadastre_edition2" / sheet], Options(), database)
    monkeypatch.undo()
    assert digest(database) == before
    assert load("cadastre", [OUTPUT / "cadastre_edition2" / sheet], Options(), database).exit_code == 0
    assert digest(database) != before


def test_two_loads_of_the_same_at_once_load_it_once(database: Settings, expected: list[tuple[Any, ...]]) -> None:
    reports: list[Report] = []
    threads = [
        threading.Thread(target=lambda: reports.append(load("cadastre", SHEETS, Options(), database))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.exit_code for report in reports] == [0, 0]
    assert sum(report.unchanged for report in reports) == 1
    assert digest(database) == expected


def test_two_deliveries_that_share_a_commune_at_once_end_in_the_newest(database: Settings) -> None:
    sheet = "edigeo-85901000AB01.tar.bz2"
    paths = [OUTPUT / "cadastre" / sheet, OUTPUT / "cadastre_edition2" / sheet]
    threads = [threading.Thread(target=load, args=("cadastre", [path], Options(), database)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ask(database, "SELECT DISTINCT edition::text FROM cadastre.parcelles") == [("2026-10-01",)]
    assert ask(database, "SELECT count(*) FROM staging.parcelles") == [(0,)]


def test_readers_see_the_old_or_the_new_and_never_a_mixture(database: Settings) -> None:
    sheet = "edigeo-85901000AB01.tar.bz2"
    editions = [OUTPUT / folder / sheet for folder in ("cadastre", "cadastre_edition2")]
    load("cadastre", [editions[0]], Options(), database)
    seen: set[tuple[Any, ...]] = set()
    over = threading.Event()

    def read() -> None:
        with connect(database, "admin") as connection:
            while not over.is_set():
                seen.update(
                    connection.execute(
                        "SELECT count(*), min(edition)::text, max(edition)::text FROM cadastre.parcelles"
                    )
                )

    reader = threading.Thread(target=read)
    reader.start()
    for path in (editions[1], editions[0], editions[1]):
        load("cadastre", [path], Options(force=True), database)
    over.set()
    reader.join()
    assert len(seen) == 2
    assert all(oldest == newest and number > 0 for number, oldest, newest in seen)
