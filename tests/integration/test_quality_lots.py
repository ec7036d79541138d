"""Faults put into lots themselves, as they are delivered: what the whole commune shows, and dates that are none."""

import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import connect
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES, clone

A = "85901"
SHEET, OTHER = f"{A}000AB01", f"{A}000ZA01"
FOUND = "SELECT couche, objet, feuille FROM cadastre.anomalies WHERE regle = %s AND commune = %s ORDER BY 1, 2"


@pytest.fixture
def bank(cluster, loaded_template):
    with clone(cluster, loaded_template) as own:
        yield own


@pytest.fixture
def ask(bank) -> Callable:
    def rows(statement: str, *values: object) -> list[tuple]:
        with connect(bank, "admin") as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return rows


def packed(sheet: str) -> Path:
    return SAMPLES / "cadastre" / f"edigeo-{sheet}.tar.bz2"


def changed(folder: Path, sheet: str, suffix: str, pattern: bytes, text: bytes) -> Path:
    """Unpack a sheet and write something else in its first file of that suffix where the pattern is first found."""
    lot = folder / f"edigeo-{sheet}"
    with tarfile.open(packed(sheet)) as archive:
        archive.extractall(lot, filter="data")
    for path in sorted(lot.rglob(f"*.{suffix}")):
        content, number = re.subn(pattern, text, path.read_bytes(), count=1)
        if number:
            path.write_bytes(content)
            return lot
    raise AssertionError(f"{pattern!r} is not in {sheet}")


def test_a_parcel_that_two_sheets_bear_is_told_of_the_one_that_loses_it(bank, ask, tmp_path):
    lot = changed(tmp_path, OTHER, "VEC", rb"12:901000ZA0001", b"12:901000AB0001")
    report = load("cadastre", [packed(SHEET), lot], Options(force=True), bank)
    assert report.exit_code == 3
    assert ask(FOUND, "identifiant_double", A) == [("parcelles", f"{A}000AB0001", OTHER)]
    assert ask(f"SELECT unite FROM cadastre.parcelles WHERE id = '{A}000AB0001'") == [(SHEET,)]
    load("cadastre", [packed(OTHER)], Options(force=True), bank)
    assert ask(FOUND, "identifiant_double", A) == []


def test_sheets_that_lie_over_one_another_are_told_and_no_longer_once_they_are_apart(bank, ask):
    grown = "UPDATE cadastre.feuilles SET geom = ST_Multi(ST_Buffer(geom, 3)) WHERE id = %s"
    ask(grown, SHEET)
    load("cadastre", [packed(OTHER)], Options(force=True), bank)
    found = ask(FOUND, "feuilles_recouvertes", A)
    truth = """SELECT f.id FROM cadastre.feuilles f JOIN cadastre.feuilles g ON g.id = %s AND g.commune = f.commune
               WHERE f.id <> g.id AND ST_Area(ST_Intersection(f.geom, g.geom)) > 10"""
    over = {id for (id,) in ask(truth, SHEET)}
    assert len(found) == len(over) > 0
    assert {id for _, id, _ in found} <= {SHEET, *over}
    load("cadastre", [packed(SHEET)], Options(force=True), bank)
    assert ask(FOUND, "feuilles_recouvertes", A) == []


def test_absent_for_a_date_is_told_of_its_object_which_is_loaded_without(bank, ask, tmp_path):
    lot = changed(tmp_path, SHEET, "QAL", rb"(Actualite_Objet_210001\r?\n\r?\nODASD)08:\d{8}", rb"\g<1>06:Absent")
    report = load("cadastre", [lot], Options(), bank)
    assert report.exit_code == 0, str(report)
    found = ask(FOUND, "date_illisible", A)
    assert [(layer, sheet) for layer, _, sheet in found] == [("parcelles", SHEET)]
    (_, parcel, _), *_ = found
    assert ask("SELECT creation, mise_a_jour IS NULL FROM cadastre.parcelles WHERE id = %s", parcel) == [(None, False)]
