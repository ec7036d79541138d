"""Files that are not what they say are refused in words, and cost nothing of what is served."""

import zipfile

import pytest

from tests.integration.legal_persons.conftest import FILE, SERVED, changed, line


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
        ("parcelles.csv", lambda text: text, "le nom du fichier ne dit pas son année"),
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


def test_a_workbook_renamed_is_told_for_what_it_is(take, tmp_path):
    with zipfile.ZipFile(tmp_path / "PM_26_NB_850.csv", "w") as workbook:
        workbook.writestr("xl/workbook.xml", "<workbook/>")
    report = take(tmp_path / "PM_26_NB_850.csv")
    assert report.exit_code == 4
    assert "c'est une archive ou un classeur (xlsx, ods), quel que soit son nom : exportez-le en .csv" in str(report)


def test_a_file_of_another_departement_than_is_asked_for_is_refused_once(take):
    report = take(FILE, departement="44")
    assert [unit.reason for unit in report.units] == ["fichier du département 85, et non 44 : vérifiez --departement"]


def test_control_characters_and_separators_in_names_cost_their_line_at_most(take, ask, tmp_path):
    odd = line("901", "0001").replace("SCI X", "SCI\0 X").replace("PBZ999", "PBZ998")
    file = changed(FILE, tmp_path, odd, line("901", "0001").replace("SCI X", "SCI ; X"), line("901", "0002"))
    report = take(file, force=True)
    assert report.exit_code == 3
    assert "ligne 362, 25 colonnes : un séparateur dans un nom sans guillemets ?" in str(report)
    names = "SELECT denomination FROM cadastre.personnes_morales_personal WHERE numero_majic LIKE 'PBZ%' ORDER BY 1"
    assert ask(names) == [("SCI X",), ("SCI X",)]
