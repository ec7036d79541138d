"""Rights of legal persons are joined to the parcels that are held; each line is loaded, seen again, or rejected."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from catalog.database import connect
from data_samples.personnes_morales import droits, write_rights
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES, clone

A = "85901"
FILE = SAMPLES / "personnes_morales" / "PM_26_NB_850.csv"
SERVED = """SELECT b.parcelle, b.droit, p.denomination, p.siren, b.contenance_droit, b.subdivisions, b.edition
            FROM cadastre.personnes_morales b JOIN cadastre.personnes_morales_personal p USING (id) ORDER BY 1, 2, 3"""


@pytest.fixture
def bank(cluster, loaded_template):
    with clone(cluster, loaded_template) as own:
        yield own


@pytest.fixture
def take(bank) -> Callable:
    return lambda *paths, **options: load("personnes_morales", list(paths), Options(**options), bank)


@pytest.fixture
def ask(bank) -> Callable:
    def rows(statement: str) -> list[tuple]:
        with connect(bank, "admin") as connection:
            return connection.execute(statement).fetchall()

    return rows


def expected(world, day: date) -> list[tuple]:
    def siren(person) -> str | None:
        return None if person.siren.startswith("U") else person.siren

    found = [
        (
            one.parcelle.id,
            one.code,
            one.person.denomination,
            siren(one.person),
            sum(size for *_, size in one.subdivisions) or None,
            ", ".join(letter for letter, *_ in one.subdivisions if letter) or None,
            day,
        )
        for one in droits(world)
    ]
    return sorted(found, key=lambda row: row[:3])


def balanced(report) -> bool:
    totals = report.totals()["personnes_morales"]
    return totals.read == totals.loaded + totals.seen_again + totals.rejected


def changed(path: Path, folder: Path, *lines: str) -> Path:
    """Return a copy of the file with further lines."""
    copy = folder / path.name
    copy.write_text(path.read_text("utf-8") + "".join(f"{line}\n" for line in lines), "utf-8")
    return copy


def line(commune: str, plan: str, section: str = "AB") -> str:
    ground = f"85;0;{commune};X;;{section};{plan};;;;;;;100;;S - Sols;100"
    return f"{ground};P - Propriétaire;PBZ999;123456789;0 - X;6540;SCI;SCI X"


def test_each_right_is_one_object_of_its_parcel_with_what_it_bears_on(loaded, world):
    with connect(loaded, "admin") as connection:
        assert connection.execute(SERVED).fetchall() == expected(world, date(2026, 1, 1))
        apart = """SELECT count(*) FROM cadastre.personnes_morales b JOIN cadastre.parcelles p ON p.id = b.parcelle
                   WHERE NOT ST_Equals(p.geom, b.geom) OR p.commune <> b.commune"""
        assert connection.execute(apart).fetchall() == [(0,)]


def test_an_older_year_of_another_layout_says_the_same(take, ask, world, tmp_path):
    report = take(write_rights(world, tmp_path / "PM_22_NB_850.txt", year=22), force=True)
    assert report.exit_code == 0, str(report)
    assert balanced(report)
    assert ask(SERVED) == expected(world, date(2022, 1, 1))


def test_nothing_of_the_holder_is_in_the_objects_id_nor_in_the_base_groups_text(loaded, world):
    secrets = {word for one in droits(world) for word in (one.person.denomination, one.person.siren, one.person.majic)}
    with connect(loaded, "admin") as connection:
        texts = connection.execute("SELECT id, feature FROM cadastre.personnes_morales").fetchall()
    assert not [word for word in secrets if any(word in text for row in texts for text in row)]


def test_lines_that_join_no_parcel_are_rejected_and_none_is_lost(take, ask, tmp_path):
    file = changed(
        FILE, tmp_path, line("901", "9999"), line("901", "9999"), line("902", ""), line("999", "0001"), "85;0;9"
    )
    report = take(file, force=True)
    assert report.exit_code == 3
    assert balanced(report)
    assert ask("SELECT object, reason FROM etl.rejects ORDER BY 1, 2") == [
        ("85901000AB9999", "parcelle absente du plan tenu"),
        ("85901000AB9999", "parcelle absente du plan tenu"),
        ("ligne 363", "référence cadastrale absente ou incomplète"),
    ]
    words = str(report)
    assert "1 parcelle(s) du fichier absente(s) du plan tenu" in words
    assert "1 ligne(s) de communes dont aucune parcelle n'est tenue (85999) : chargez d'abord leur plan" in words
    assert "1 ligne(s) illisible(s), non chargée(s) : ligne 365, 3 colonnes" in words
    counted = sum(one.read for one in report.totals().values())
    assert counted + 2 == file.read_text("utf-8").count("\n") - 1


def test_a_zip_of_several_files_is_read_and_the_same_again_changes_nothing(take, ask, tmp_path):
    served = ask(SERVED)
    packed = tmp_path / "fichier_des_parcelles_situation_2026_dpts_57_a_976.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(FILE, FILE.name)
        archive.writestr("PM_26_NB_440.csv", FILE.read_text("utf-8").replace("\n85;", "\n44;"))
    report = take(packed)
    assert report.unchanged
    assert "communes dont aucune parcelle n'est tenue (44901, 44902, 44903, 44904)" in str(report)
    assert ask(SERVED) == served


def test_a_file_of_unknown_headings_is_refused_by_name_and_leaves_what_is_served(take, ask, tmp_path):
    served = ask(SERVED)
    file = tmp_path / FILE.name
    file.write_text(FILE.read_text("utf-8").replace("N° SIREN - par", "SIREN", 1), "utf-8")
    report = take(file)
    assert report.exit_code == 4
    assert "PM_26_NB_850.csv : en-tête d'aucune année connue (colonne 20 : « SIREN »" in str(report)
    assert ask(SERVED) == served


def test_a_parcel_that_arrives_later_is_joined_when_the_file_comes_again(take, ask, bank):
    with connect(bank, "admin") as connection:
        connection.execute("DELETE FROM cadastre.parcelles WHERE id = '85901000AB0001'")
        connection.execute("UPDATE etl.published SET sha256 = 'autre' WHERE unit = '85901000AB01'")
    assert take(FILE).exit_code == 3
    assert ask("SELECT count(*) FROM cadastre.personnes_morales WHERE parcelle = '85901000AB0001'") == [(0,)]
    sheet = SAMPLES / "cadastre" / "edigeo-85901000AB01.tar.bz2"
    told = load("cadastre", [sheet], Options(force=True), bank)
    assert "parcelles de 1 commune(s) remplacées : rechargez personnes_morales" in str(told)
    assert take(FILE).exit_code == 0
    assert ask("SELECT count(*) FROM cadastre.personnes_morales WHERE parcelle = '85901000AB0001'") == [(4,)]


def test_a_trial_reads_and_writes_nothing(take, ask):
    before = ask("SELECT count(*) FROM etl.deliveries")
    assert take(FILE, dry_run=True, edition=date(2027, 1, 1)).exit_code == 0
    assert ask("SELECT count(*) FROM etl.deliveries") == before
