"""A year of legal persons' files replaces the one before, in its département and no further than it is whole."""

from datetime import date
from pathlib import Path

import pytest

from catalog.database import connect
from data_samples.locaux_personnes_morales import write_premises
from data_samples.personnes_morales import write_rights
from tests.integration.legal_persons.conftest import changed, line


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
    assert not ask("SELECT unit FROM etl.published WHERE unit = 'personnes_morales-85902'")
    assert ask("SELECT unit FROM etl.published WHERE unit = 'locaux_personnes_morales-85902'"), "another file's"
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


def test_of_two_years_in_one_folder_the_newer_is_served_and_the_older_refused_in_one_line(take, ask, older):
    without(older, "PM_25_NB_850.csv", "902")
    report = take(older.parent)
    assert report.exit_code == 3
    assert [unit.reason for unit in report.units if unit.status == "refusée"] == [
        "l'année 2025 est dans la livraison et la remplace : pour garder les deux, chargez-la avant"
    ]
    assert served(ask) == {"85901": "2025", "85903": "2025", "85904": "2025"}


def test_two_years_given_side_by_side_take_no_commune_away(take, ask, older):
    report = take(older, without(older, "PM_25_NB_850.csv", "902"), force=True)
    assert "une édition plus récente est dans la livraison (PM_25_NB_850.csv (85901))" in str(report)
    assert served(ask)["85902"] == "2024"


def test_a_plan_that_is_no_longer_held_takes_its_rights_with_it(take, ask, bank, older):
    with connect(bank, "admin") as connection:
        connection.execute("DELETE FROM cadastre.parcelles WHERE commune = '85904'")
        connection.execute("UPDATE access.statistics SET objects = 0 WHERE dataset = 'parcelles' AND commune = '85904'")
    report = take(without(older, "PM_25_NB_850.csv", "none"))
    assert "ou dont le plan n'est plus tenu (85904)" in str(report)
    assert "85904" not in served(ask)


def test_both_files_of_a_folder_are_told_apart_and_each_loses_its_own_communes_only(take, ask, world, older):
    write_premises(world, older.parent / "PM_24_B_850.csv", year=24)
    assert take(older.parent, force=True).exit_code == 0
    report = take(without(older, "PM_25_NB_850.csv", "902"))
    assert report.withdrawn == ["personnes_morales-85902"]
    assert set(served(ask, "locaux_personnes_morales")) == {"85901", "85902", "85903", "85904"}
    assert set(served(ask)) == {"85901", "85903", "85904"}
