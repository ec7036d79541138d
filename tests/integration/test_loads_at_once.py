"""Loads and mergers that meet, each on a connection of its own: they wait, none deadlocks, nothing is half."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from catalog.database import as_loader, connect, query
from catalog.errors import Unavailable
from catalog.fusions import merge
from etl.fusions import follow
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES, clone
from tests.integration.test_load_side_by_side import content
from tests.services.test_fusions import MERGED, NEW, OLD, SERVED_OF_OLD, ask, later, note, parcels

__all__ = ["later"]
WAITERS = "FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = ("
WAITERS += "SELECT oid FROM pg_database WHERE datname = current_database())"
WAITING = f"SELECT count(*) {WAITERS}"
LIMITS = "SELECT pg_try_advisory_xact_lock(hashtextextended('geosocle limites', 0))"
LATE = SAMPLES / "cadastre" / f"edigeo-{OLD}000AB01.tar.bz2"


@contextmanager
def held(settings, commune: str) -> Iterator[None]:
    """Let nothing be published in a commune for the time of a block."""
    with as_loader(settings) as connection:
        connection.execute(query("lock_family", package="etl"), {"commune": commune})
        yield


def wait_for(settings, number: int) -> None:
    """Wait until so many wait for one another."""
    deadline = time.monotonic() + 60
    while ask(settings, WAITING) != [(number,)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("late_first", [True, False])
def test_a_sheet_of_the_old_commune_that_is_loaded_while_its_successor_is_never_doubles_the_plan(
    cluster, loaded_template, later, late_first
):
    with clone(cluster, loaded_template) as own, ThreadPoolExecutor(3) as beside:
        note(own)

        def loading(path):
            return beside.submit(load, "cadastre", [path], Options(force=True), own)

        with held(own, OLD):
            paths = [LATE, later[2]] if late_first else [later[2], LATE]
            first = loading(paths[0])
            wait_for(own, 1)
            second = loading(paths[1])
            wait_for(own, 2)
        assert [one.result(60).exit_code for one in (first, second)] == [0, 0]
        assert ask(own, SERVED_OF_OLD) == []
        served = {id for (id,) in ask(own, f"SELECT id FROM cadastre.parcelles WHERE commune IN ('{OLD}', '{NEW}')")}
        assert served == parcels(later[0], NEW)
        assert ask(own, "SELECT count(*) FROM staging.parcelles") == [(0,)]


def test_a_merger_said_while_both_communes_are_loaded_ends_as_said_before(cluster, loaded_template, later):
    with clone(cluster, loaded_template) as own, ThreadPoolExecutor(3) as beside:

        def said() -> None:
            note(own)
            with as_loader(own) as connection:
                follow(connection, NEW)

        with held(own, NEW):
            loaded = beside.submit(load, "cadastre", [later[2]], Options(), own)
            wait_for(own, 1)
            merging = beside.submit(said)
            wait_for(own, 2)
        assert loaded.result(60).exit_code == 0
        merging.result(60)
        assert ask(own, SERVED_OF_OLD) == []
        fused = ask(own, "SELECT count(*) > 0 FROM cadastre.mutations WHERE nature = 'fusion de communes'")
        assert fused == [(True,)]


def test_who_waits_for_a_merged_commune_holds_nothing_that_its_load_needs(cluster, loaded_template):
    """Of three communes in a row, a publication of the first waits for the last before it touches the limits."""
    third = "85904"
    with clone(cluster, loaded_template) as own, ThreadPoolExecutor(1) as beside:
        with connect(own, "admin") as connection:
            merge(connection, OLD, [third], MERGED)
            merge(connection, NEW, [OLD], MERGED)
        with held(own, third):
            sheet = SAMPLES / "cadastre_edition2" / f"edigeo-{NEW}000AB01.tar.bz2"
            loading = beside.submit(load, "cadastre", [sheet], Options(), own)
            wait_for(own, 1)
            assert ask(own, LIMITS) == [(True,)]
            assert ask(own, f"SELECT max(edition)::text FROM cadastre.feuilles WHERE commune = '{NEW}'") == [
                ("2026-07-01",)
            ]
        assert loading.result(60).exit_code == 0


TOWN = SAMPLES / "cadastre" / f"edigeo-{NEW}000AB01.tar.bz2"
NEWER = SAMPLES / "cadastre_edition2" / TOWN.name
END = f"SELECT pg_terminate_backend(pid) {WAITERS}"
FULL = """
CREATE FUNCTION public.brim() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER brim BEFORE INSERT ON cadastre.parcelles FOR EACH ROW EXECUTE FUNCTION public.brim()
"""


def test_a_session_that_ends_in_the_middle_of_a_publication_leaves_what_was_served(database):
    load("cadastre", [TOWN], Options(), database)
    before = content(database)
    with ThreadPoolExecutor(1) as beside:
        with as_loader(database) as connection:
            connection.execute(query("lock_limits", package="etl"))
            loading = beside.submit(load, "cadastre", [NEWER], Options(), database)
            wait_for(database, 1)
            ask(database, END)
        with pytest.raises(Unavailable, match="ne répond pas"):
            loading.result(60)
    assert content(database) == before
    assert load("cadastre", [NEWER], Options(), database).exit_code == 0
    assert content(database) != before


def test_a_full_disk_of_the_database_is_said_and_what_was_served_stays(database):
    load("cadastre", [TOWN], Options(), database)
    before = content(database)
    with connect(database, "admin") as connection:
        connection.execute(FULL)
    with pytest.raises(Unavailable, match="disque de la base est plein"):
        load("cadastre", [NEWER], Options(), database)
    assert content(database) == before
    with connect(database, "admin") as connection:
        connection.execute("DROP TRIGGER brim ON cadastre.parcelles")
    assert load("cadastre", [NEWER], Options(), database).exit_code == 0
