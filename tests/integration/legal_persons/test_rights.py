"""Rights of legal persons are joined to the parcels that are held; each line is loaded, seen again, or rejected."""

import zipfile
from datetime import date

import pytest

from catalog.database import connect
from data_samples.locaux_personnes_morales import locaux, write_premises
from data_samples.personnes_morales import droits, write_rights
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES
from tests.integration.legal_persons.conftest import FILE, SERVED, changed, line


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
        FILE, tmp_path, line("901", "9999"), line("901", "9999"), line("902", ""), "85;0;9", line("999", "0001")
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
    assert "1 ligne(s) illisible(s), non chargée(s) : ligne 364, 3 colonnes" in words
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


PREMISES = """SELECT b.parcelle, b.batiment || b.entree || b.niveau || b.porte, b.droit, p.denomination, b.adresse
              FROM cadastre.locaux_personnes_morales b JOIN cadastre.locaux_personnes_morales_personal p USING (id)
              ORDER BY 1, 2, 3, 4"""


@pytest.mark.parametrize("year", [22, 26])
def test_premises_are_a_dataset_of_their_own_each_at_a_place_in_its_parcel(take, ask, world, tmp_path, year):
    rights = ask(SERVED)
    report = take(write_premises(world, tmp_path / f"PM_{year}_B_850.csv", year=year), force=True)
    assert report.exit_code == 0, str(report)
    assert ask(PREMISES) == sorted(
        (
            one.droit.parcelle.id,
            f"A01{one.niveau}{one.porte}",
            one.droit.code,
            one.droit.person.denomination,
            "12 B RUE DU PUITS",
        )
        for one in locaux(world)
    )
    outside = """SELECT count(*) FROM cadastre.locaux_personnes_morales b JOIN cadastre.parcelles p ON p.id = b.parcelle
                 WHERE NOT ST_Within(b.geom, p.geom)"""
    assert ask(outside) == [(0,)]
    assert ask(SERVED) == rights
    secrets = {word for one in droits(world) for word in (one.person.denomination, one.person.siren, one.person.majic)}
    texts = ask("SELECT id, feature FROM cadastre.locaux_personnes_morales")
    assert not [word for word in secrets if any(word in text for row in texts for text in row)]
