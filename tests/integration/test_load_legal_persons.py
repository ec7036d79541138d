"""Rights of legal persons are joined to the parcels that are held; each line is loaded, seen again, or rejected."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from catalog.database import connect
from data_samples.locaux_personnes_morales import locaux, write_premises
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


def without(path: Path, name: str, *communes: str, piece: str = "") -> Path:
    """Write a copy of the file under another name, without the lines of some communes, or with no others."""
    heading, *rows = path.read_text("utf-8").splitlines(keepends=True)
    kept = [row for row in rows if (row.split(";")[2] in communes) is bool(piece)]
    copy = path.parent / name
    copy.write_text("".join([heading, *kept]), "utf-8")
    return copy


def served(ask, dataset: str = "personnes_morales") -> dict[str, str]:
    """What is served of each commune: its year."""
    return dict(ask(f"SELECT DISTINCT commune, to_char(edition, 'YYYY') FROM cadastre.{dataset} ORDER BY 1"))


@pytest.fixture
def older(take, world, tmp_path) -> Path:
    """The file of two years before, which is served."""
    assert take(write_rights(world, tmp_path / "PM_24_NB_850.csv", year=24), force=True).exit_code == 0
    return tmp_path / "PM_24_NB_850.csv"


def test_a_commune_that_leaves_the_next_file_leaves_what_is_served_and_stays_in_the_past(take, ask, older):
    newer = without(older, "PM_25_NB_850.csv", "902")
    trial = take(newer, dry_run=True)
    assert "département 85 : 1 commune(s) à retirer, que le fichier n'a plus" in str(trial)
    assert served(ask)["85902"] == "2024"
    report = take(newer)
    assert report.exit_code == 0, str(report)
    assert "personnes_morales, département 85 : 1 commune(s) retirée(s), que le fichier n'a plus" in str(report)
    assert report.as_json()["retirees"] == ["personnes_morales-85902"]
    assert served(ask) == {"85901": "2025", "85903": "2025", "85904": "2025"}
    for table in ("personnes_morales_passe", "personnes_morales_personal_passe"):
        ended = f"SELECT DISTINCT edition, valide_au FROM cadastre.{table} WHERE commune = '85902'"
        assert (date(2024, 1, 1), date(2025, 1, 1)) in ask(ended)
    assert not ask("SELECT unit FROM etl.published WHERE kind = 'personnes_morales' AND commune = '85902'")
    assert ask("SELECT count(*) FROM cadastre.communes WHERE commune = '85902'") == [(1,)]
    assert take(older, force=True).exit_code == 0
    assert served(ask)["85902"] == "2024"


def test_communes_stay_where_it_is_not_sure_that_the_file_is_whole(take, ask, older):
    half = without(older, "PM_25_NB_850.csv", "901", "902", "903")
    cases = {
        "c'est plus de la moitié du département": half,
        "le fichier est en plusieurs morceaux": without(older, "PM_25_NB_850_1.csv", "901", piece="1"),
    }
    for words, path in cases.items():
        assert words in str(take(path, force=True)), words
        assert {"85901", "85902"} <= set(served(ask))
    unread = changed(half, folder(half, "illisible"), "85;9", line("901", "0001"))
    assert "une partie du fichier est refusée" in str(take(unread, force=True, complete=True))
    assert "85902" in served(ask)
    assert take(half, complete=True, force=True).exit_code == 0
    assert set(served(ask)) == {"85904"}


def folder(path: Path, name: str) -> Path:
    made = path.parent / name
    made.mkdir()
    return made


def test_a_departement_in_several_pieces_replaces_the_year_before_commune_by_commune(take, ask, older):
    first = without(older, "PM_25_NB_850-1.csv", "901", "902", piece="1")
    second = without(older, "PM_25_NB_850-2.csv", "902", "903", "904", piece="2")  # a commune across both
    count = "SELECT commune, count(*) FROM cadastre.personnes_morales GROUP BY 1 ORDER BY 1"
    before = ask(count)
    assert take(first).exit_code == 0
    assert ask(count) == before
    assert served(ask) == {"85901": "2025", "85902": "2025", "85903": "2024", "85904": "2024"}
    assert take(second).exit_code == 0
    assert set(served(ask).values()) == {"2025"}
    assert [(one, number * (2 if one == "85902" else 1)) for one, number in before] == ask(count)


def test_two_years_in_one_folder_leave_the_newer_and_take_nothing_away(take, ask, older):
    without(older, "PM_25_NB_850.csv", "902")
    report = take(older.parent, force=True)
    assert "plusieurs années" not in str(report)  # the older is refused where both have a commune
    assert "une édition plus récente est dans la livraison (PM_25_NB_850.csv" in str(report).replace(
        f"{older.parent.name}/", ""
    )
    assert served(ask)["85902"] == "2024"


def test_a_plan_that_is_no_longer_held_takes_its_rights_with_it(take, ask, bank, older):
    with connect(bank, "admin") as connection:
        connection.execute("DELETE FROM cadastre.parcelles WHERE commune = '85904'")
        connection.execute("UPDATE access.statistics SET objects = 0 WHERE dataset = 'parcelles' AND commune = '85904'")
    report = take(without(older, "PM_25_NB_850.csv", "none"))
    assert "ou dont le plan n'est plus tenu (85904)" in str(report)
    assert "85904" not in served(ask)


PREMISES = """SELECT b.parcelle, b.batiment || b.entree || b.niveau || b.porte, b.droit, p.denomination, b.adresse
              FROM cadastre.locaux_personnes_morales b JOIN cadastre.locaux_personnes_morales_personal p USING (id)
              ORDER BY 1, 2, 3, 4"""


@pytest.mark.parametrize("year", [22, 26])
def test_premises_are_a_dataset_of_their_own_each_at_a_place_in_its_parcel(take, ask, world, tmp_path, year):
    rights = ask(SERVED)
    report = take(write_premises(world, tmp_path / f"PM_{year}_B_850.csv", year=year))
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


def test_both_files_of_a_folder_are_told_apart_and_each_loses_its_own_communes_only(take, ask, world, older):
    write_premises(world, older.parent / "PM_24_B_850.csv", year=24)
    assert take(older.parent, force=True).exit_code == 0
    report = take(without(older, "PM_25_NB_850.csv", "902"))
    assert report.withdrawn == ["personnes_morales-85902"]
    assert set(served(ask, "locaux_personnes_morales")) == {"85901", "85902", "85903", "85904"}
    assert set(served(ask)) == {"85901", "85903", "85904"}


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (
            "PM_22_NB_850.csv",
            lambda text: text,
            "dit 2022, son en-tête est celui de 2024-2025 : donnez l'année par --edition",
        ),
        ("PM_26_B_850.csv", lambda text: text, "dit les locaux (NB parcelles, B locaux), son en-tête les parcelles"),
        ("PM_26_NB_850.csv", lambda text: text[:-60], "fichier tronqué : sa dernière ligne n'a que"),
        ("PM_26_NB_850.csv", lambda text: text.encode("utf-16"), "UTF-16, classeur ou fichier binaire"),
        ("PM_26_NB_850.csv", lambda text: "", "fichier vide"),
        ("PM_26_NB_850.csv", lambda text: text.splitlines()[0], "aucun objet dans le fichier"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_in_words_and_leaves_what_is_served(
    take, ask, tmp_path, name, change, words
):
    before, content = ask(SERVED), change(FILE.read_text("utf-8"))
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    report = take(tmp_path / name)
    assert report.exit_code == 4
    assert f"REFUSÉE {name} : " in str(report)
    assert words in str(report)
    assert ask(SERVED) == before


def test_a_file_of_another_departement_than_is_asked_for_is_refused_once(take):
    report = take(FILE, departement="44")
    assert [unit.reason for unit in report.units] == ["fichier du département 85, et non 44"]


def test_control_characters_and_separators_in_names_cost_their_line_at_most(take, ask, tmp_path):
    odd = line("901", "0001").replace("SCI X", "SCI\0 X").replace("PBZ999", "PBZ998")
    file = changed(FILE, tmp_path, odd, line("901", "0001").replace("SCI X", "SCI ; X"), line("901", "0002"))
    report = take(file, force=True)
    assert report.exit_code == 3
    assert "ligne 362, 25 colonnes : un séparateur dans un nom sans guillemets ?" in str(report)
    names = "SELECT denomination FROM cadastre.personnes_morales_personal WHERE numero_majic LIKE 'PBZ%' ORDER BY 1"
    assert ask(names) == [("SCI X",), ("SCI X",)]
