"""A delivery that is said to be the whole commune: sheets that it lacks leave; else they stay, and are named."""

import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.database import connect
from data_samples.edigeo import write_lots
from data_samples.edits import DRAWN, edited
from etl.pipeline import load
from etl.report import Report
from etl.sources import Options
from tests.conftest import SAMPLES, clone

A, B = "85901", "85902"
TOWN = sorted((SAMPLES / "cadastre").glob(f"edigeo-{A}*"))
LATER = SAMPLES / "cadastre_edition2" / f"edigeo-{A}000AB01.tar.bz2"  # of 1 October; the others are of 1 July
OTHERS = [f"{A}0000A01", f"{A}0000A02", f"{A}000ZA01", f"{A}000ZA02"]
LEFT = [path for path in TOWN if "AB01" not in path.name]

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def town(cluster, loaded_template):
    """The samples, loaded."""
    with clone(cluster, loaded_template) as own:
        yield own


@pytest.fixture
def ask(town) -> Ask:
    def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connect(town, "admin") as connection:
            return connection.execute(statement, values).fetchall()

    return rows


def deliver(town, *paths: Path, **options: Any) -> Report:
    return load("cadastre", list(paths), Options(**options), town)


def sheets(ask: Ask, commune: str = A) -> list[str]:
    """The sheets that are served, by every table that tells."""
    found = ask("SELECT id FROM cadastre.feuilles WHERE commune = %s ORDER BY id", commune)
    assert found == ask("SELECT DISTINCT unite FROM cadastre.parcelles WHERE commune = %s ORDER BY 1", commune)
    assert found == ask("SELECT unit FROM etl.published WHERE kind = 'cadastre' AND commune = %s ORDER BY 1", commune)
    return [sheet for (sheet,) in found]


def test_without_the_word_sheets_stay_and_the_report_names_them(town, ask):
    before = sheets(ask)
    report = deliver(town, LATER)
    assert sheets(ask) == before
    assert f"{A} : 4 feuille(s) hors de la livraison restent servies" in str(report)
    assert all(sheet in str(report) for sheet in OTHERS)
    assert report.withdrawn == []


def test_with_it_they_leave_and_are_kept_in_the_past_until_that_day(town, ask):
    held = ask("SELECT id, unite FROM cadastre.parcelles WHERE unite = ANY(%s) ORDER BY id", OTHERS)
    neighbour = ask("SELECT * FROM cadastre.parcelles WHERE commune = %s ORDER BY id", B)
    report = deliver(town, LATER, complete=True)
    assert report.withdrawn == report.as_json()["retirees"] == OTHERS
    assert "4 feuille(s) retirée(s)" in str(report)
    assert sheets(ask) == [f"{A}000AB01"]
    past = (
        "SELECT id, unite FROM cadastre.parcelles_passe WHERE unite = ANY(%s) AND valide_au = '2026-10-01' ORDER BY id"
    )
    assert ask(past, OTHERS) == held
    assert ask("SELECT * FROM cadastre.parcelles WHERE commune = %s ORDER BY id", B) == neighbour


def test_their_sections_their_anomalies_and_their_count_leave_with_them(town, ask):
    deliver(town, LATER, complete=True)
    assert ask("SELECT id FROM cadastre.sections WHERE commune = %s", A) == [(f"{A}000AB",)]
    past = ask("SELECT id, valide_au FROM cadastre.sections_passe WHERE commune = %s AND id <> %s", A, f"{A}000AB")
    assert sorted(past) == [(f"{A}0000A", date(2026, 10, 1)), (f"{A}000ZA", date(2026, 10, 1))]
    assert ask("SELECT unite FROM cadastre.anomalies WHERE unite = ANY(%s)", OTHERS) == []
    counted = ask("SELECT objects FROM access.statistics WHERE dataset = 'parcelles' AND commune = %s", A)
    assert counted == ask("SELECT count(*) FROM cadastre.parcelles WHERE commune = %s", A)


def test_each_of_their_parcels_is_told_as_suppressed(town, ask):
    held = ask("SELECT id FROM cadastre.parcelles WHERE unite = ANY(%s) ORDER BY id", OTHERS)
    deliver(town, LATER, complete=True)
    told = "SELECT parcelles_avant FROM cadastre.mutations WHERE nature = 'suppression' AND NOT parcelles_avant LIKE %s"
    assert sorted(ask(told, f"{A}000AB%")) == held


def test_a_delivery_that_is_served_already_still_says_what_is_no_more(town, ask):
    assert deliver(town, *LEFT).unchanged
    report = deliver(town, *LEFT, complete=True)
    assert sheets(ask) == OTHERS
    assert not report.unchanged
    assert report.exit_code == 0
    assert "rien n'a changé" not in str(report)
    assert deliver(town, *LEFT, complete=True).unchanged


def test_a_sheet_that_comes_again_is_served_again(town, ask):
    before = sheets(ask)
    deliver(town, LATER, complete=True)
    deliver(town, *TOWN[:2], *TOWN[3:])
    assert sheets(ask) == before


def test_a_sheet_of_a_newer_edition_than_the_delivery_stays(town, ask):
    deliver(town, LATER)
    report = deliver(town, *LEFT, complete=True)
    assert f"{A}000AB01" in sheets(ask)
    assert "1 feuille(s) plus récente(s) que la livraison" in str(report)


def broken(sheet: Path, folder: Path, name: str) -> Path:
    """Unpack a sheet without its dictionary: it is refused."""
    with tarfile.open(sheet) as archive:
        archive.extractall(folder / name, filter="data")
    for part in (folder / name).glob("*.DIC"):
        part.unlink()
    return folder / name


def test_a_sheet_that_is_refused_is_not_absent(town, ask, tmp_path):
    report = deliver(town, LATER, broken(LEFT[0], tmp_path, LEFT[0].name.removesuffix(".tar.bz2")), complete=True)
    assert report.exit_code == 3
    assert report.withdrawn == OTHERS[1:]
    assert OTHERS[0] in sheets(ask)


def test_a_lot_that_nobody_knows_might_be_any_sheet_and_nothing_leaves(town, ask, tmp_path):
    before = sheets(ask)
    (tmp_path / "livraison.tar.bz2").write_bytes(b"BZh9" + bytes(50))
    report = deliver(town, LATER, tmp_path / "livraison.tar.bz2", complete=True)
    assert "--complete sans effet" in str(report)
    assert sheets(ask) == before


def test_a_trial_says_what_would_leave_and_changes_nothing(town, ask):
    before = sheets(ask)
    assert "4 feuille(s) à retirer" in str(deliver(town, LATER, complete=True, dry_run=True))
    assert sheets(ask) == before


def test_the_past_of_a_sheet_that_left_answers_a_day(town, ask):
    """What was valid on a day is its rows of before, whoever has left since."""
    asked = "SELECT id FROM cadastre.parcelles_passe WHERE unite = %s AND edition <= %s AND valide_au > %s"
    deliver(town, LATER, complete=True)
    assert ask(asked, OTHERS[0], date(2026, 9, 30), date(2026, 9, 30))
    assert ask(asked, OTHERS[0], date(2026, 10, 1), date(2026, 10, 1)) == []


SAME = date(2026, 7, 1)  # the edition of every sheet of the town
BACK = date(2026, 11, 15)
TOLD = (
    "SELECT nature, edition, parcelles_avant, parcelles_apres FROM cadastre.mutations WHERE commune = %s ORDER BY 3, 4"
)


def parcels(world, sheet: str) -> list[str]:
    return sorted(one.id for one in world.parcelles if one.sheet == sheet)


def told(nature: str, day: date, ids: list[str]) -> list[tuple[Any, ...]]:
    """The mutations that say that parcels came or went, one each."""
    return [(nature, day, *((None, id) if nature == "création" else (id, None))) for id in ids]


def of_sheet(world, folder: Path, sheet: str, edition: date = SAME) -> Path:
    """The lot of a sheet as a world has it, in an edition."""
    (one,) = [one for one in world.feuilles if one.id == sheet]
    folder.mkdir()
    (path,) = write_lots(world, folder, [replace(one, edition=edition)])
    return path


def test_a_sheet_withdrawn_on_its_very_edition_has_each_of_its_parcels_told_as_suppressed_and_no_other(
    town, ask, world
):
    deliver(town, *LEFT, complete=True)
    assert ask(TOLD, A) == told("suppression", SAME, parcels(world, f"{A}000AB01"))
    assert ask(TOLD, B) == []


def test_come_again_in_that_edition_nothing_has_happened(town, ask):
    deliver(town, *LEFT, complete=True)
    assert ask(TOLD, A)
    deliver(town, *TOWN, force=True)
    assert ask(TOLD, A) == []


def test_of_a_sheet_corrected_before_it_left_what_it_held_last_is_told(town, ask, world, tmp_path):
    sheet = f"{A}000AB01"
    changed, edits = edited(world, {sheet}, 7, still=False)
    gone = {id for one in edits for id in one.before} - {id for one in edits for id in one.after}
    assert gone
    deliver(town, of_sheet(changed, tmp_path / "corrected", sheet), force=True)
    deliver(town, *LEFT, complete=True)
    assert ask(TOLD, A) == told("suppression", SAME, parcels(changed, sheet))


@pytest.mark.parametrize("edition", [SAME, date(2026, 10, 1)])
def test_a_sheet_that_comes_back_later_has_its_parcels_told_as_created_on_that_day(town, ask, world, tmp_path, edition):
    sheet = f"{A}000AB01"
    rest = [of_sheet(world, tmp_path / other, other, edition) for other in OTHERS]
    deliver(town, *rest, complete=True)
    deliver(town, of_sheet(world, tmp_path / "back", sheet, BACK))
    came, went = (told(*what, parcels(world, sheet)) for what in (("création", BACK), ("suppression", edition)))
    assert ask(TOLD, A) == went + came


def test_parcels_that_another_sheet_takes_on_that_edition_are_not_told_as_suppressed(town, ask, world, tmp_path):
    old, new = f"{A}000AB01", f"{A}000AB02"

    def moved(objects):
        return tuple(replace(one, sheet=new) if one.sheet == old else one for one in objects)

    feuilles = tuple(replace(one, id=new) if one.id == old else one for one in world.feuilles)
    later = replace(world, feuilles=feuilles, **{name: moved(getattr(world, name)) for name in DRAWN})
    deliver(town, *LEFT, of_sheet(later, tmp_path / "renamed", new), complete=True)
    assert sheets(ask) == sorted([*OTHERS, new])
    assert ask(TOLD, A) == []
