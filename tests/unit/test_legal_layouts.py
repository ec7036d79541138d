"""The headings of DGFiP's files of legal persons, year by year, how their lines are cut, and what these say."""

import io
from datetime import date

import pytest

from catalog.errors import DeliveryError
from data_samples import locaux_personnes_morales as premises
from data_samples.personnes_morales import NEW, OLD
from etl.legal_layouts import (
    DATASETS,
    PARCELS,
    PREMISES,
    Named,
    layouts,
    lines,
    read_heading,
    recognised,
    refuse_other,
    refuse_wrong_year,
)
from etl.legal_lines import Line

OVERSEAS = ["", "SAINT MARTIN", "", "BI", "157", "0515", "", "00335", "A026", "LOT", "LES TERRES BASSES", "10000", "B"]
RIGHT = [
    "AG - Terrains d'agrément",
    "960",
    "N - Nu-propriétaire ",
    "PBX",
    "U12",
    "0 - Groupe",
    "6540",
    "SCI",
    "X",
]


def line(departement: str, commune: str, **changed: str) -> Line:
    values = [departement, "1", commune, *OVERSEAS[1:], *RIGHT]
    known = Line.of(PARCELS, 7, values)
    return Line(PARCELS, 7, {**known.fields, **changed})


@pytest.mark.parametrize(
    ("headings", "dataset", "years"),
    [
        (OLD, PARCELS, (2019, 2020, 2021, 2022, 2023)),
        (NEW, PARCELS, (2024, 2025)),
        (premises.OLD, PREMISES, (2019, 2020, 2021, 2022, 2023)),
        (premises.NEW, PREMISES, (2024, 2025)),
    ],
)
def test_headings_tell_the_file_and_its_years_however_they_are_spaced_or_capitalised(headings, dataset, years):
    assert recognised(headings) == (dataset, years)
    assert recognised([f" {name.upper()}  " for name in headings]) == (dataset, years)


def test_every_layout_has_as_many_headings_as_there_are_columns():
    for dataset in DATASETS:
        known = layouts(dataset)
        assert {len(headings) for headings in known.headings.values()} == {len(known.columns)} == {24}


def test_headings_of_no_known_year_are_refused_naming_the_column_and_the_way_out():
    with pytest.raises(DeliveryError, match="colonne 20 : « Siren » au lieu de « N° SIREN - par »") as told:
        recognised([*NEW[:19], "Siren", *NEW[20:]])
    assert "2024-2025" in str(told.value)
    assert "mappings/personnes_morales.toml" in str(told.value)
    with pytest.raises(DeliveryError, match="23 colonnes au lieu de 24"):
        recognised(NEW[:-1])
    with pytest.raises(DeliveryError, match="colonne 8 : .*etl/mappings/locaux_personnes_morales.toml"):
        recognised([*premises.NEW[:7], "Immeuble", *premises.NEW[8:]])


def read(content: bytes, encoding: str | None = None) -> list[tuple[int, list[str]]]:
    file = io.BytesIO(content)
    return list(lines(file, read_heading(file, encoding)))


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_lines_are_numbered_as_an_editor_does_whatever_parts_their_values(separator):
    text = "\n".join(separator.join(values) for values in (NEW, ["a"] * 24, [], ["b"] * 3))
    assert [(number, len(values)) for number, values in read(text.encode())] == [(2, 24), (4, 3)]


def test_a_quote_that_nothing_closes_swallows_no_line_and_one_that_does_may_hold_a_separator():
    named = ('"LES AMIS', 'SCI "LE PRE"', '"A ; B"', "C ; D")
    found = read("\n".join([";".join(NEW), *(";".join(["x"] * 23 + [name]) for name in named)]).encode())
    assert [values[23:] for _, values in found] == [["LES AMIS"], ['SCI "LE PRE"'], ["A ; B"], ["C ", " D"]]


def test_the_encoding_is_that_of_the_headings_and_a_line_in_another_is_read_all_the_same():
    heading, line = ";".join(NEW), ";".join(["Chêne"] * 24)
    for first in ("utf-8", "utf-8-sig", "latin-1"):
        for second in ("utf-8", "latin-1"):
            ((_, values),) = read(f"{heading}\n".encode(first) + line.encode(second))
            assert values[0] == ("ChÃªne" if (first, second) == ("latin-1", "utf-8") else "Chêne")
    assert read(f"{heading}\n{line}".encode("cp850"), "cp850")[0][1][0] == "Chêne"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "fichier vide"),
        (b"\n" + ";".join(NEW).encode(), "fichier vide"),
        (";".join(NEW).encode("utf-16"), "UTF-16, classeur ou fichier binaire"),
        (bytes(range(256)), "UTF-16, classeur ou fichier binaire"),
        (b"x" * 2**17, "en-tête d'aucune année connue"),
    ],
)
def test_what_is_no_such_text_is_refused_in_words(content, words):
    with pytest.raises(DeliveryError, match=words):
        read(content)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("archive.zip/PM_26_NB_850.csv", (PARCELS, 2026, "85", None)),
        ("PM_24_B_440.zip/PM_26_NB_850.csv (85901)", (PARCELS, 2026, "85", None)),
        ("PM_21_B_060-1.txt", (PREMISES, 2021, "06", 1)),
        ("pb_25_b_750_3.csv (75101)", (PREMISES, 2025, "75", 3)),
        ("PM_25_NB_2A0.csv", (PARCELS, 2025, "2A", None)),
        ("PM_25_NB_9710.csv", (PARCELS, 2025, "971", None)),
        ("PM_25_NB_974.csv", (PARCELS, 2025, "974", None)),
    ],
)
def test_a_files_name_says_what_it_is(name, said):
    assert Named.of(name) == Named(*said)


def test_other_names_say_nothing():
    assert Named.of("parcelles.csv") is Named.of("PM_NB_850.csv") is None


def test_a_name_that_its_headings_belie_is_refused():
    def heading(headings: list[str]):
        return read_heading(io.BytesIO(";".join(headings).encode()))

    with pytest.raises(DeliveryError, match="dit 2022, son en-tête est celui de 2024-2025 : donnez l'année"):
        refuse_wrong_year(Named.of("PM_22_NB_850.csv"), heading(NEW))
    with pytest.raises(DeliveryError, match="qui n'est pas venu"):
        refuse_wrong_year(Named(PARCELS, date.today().year + 1, "85", None), heading(NEW))
    with pytest.raises(DeliveryError, match="dit les parcelles .*, son en-tête les locaux"):
        refuse_other(Named.of("PM_25_NB_850.csv"), heading(premises.NEW))
    for name in ("PM_25_NB_850.csv", "PM_26_NB_850.csv"):  # a year of which nothing is known may be as the last one
        refuse_wrong_year(Named.of(name), heading(NEW))
        refuse_other(Named.of(name), heading(NEW))


@pytest.mark.parametrize(
    ("departement", "commune", "code"),
    [
        ("85", "901", "85901"),
        ("1", "4", "01004"),
        ("2A", "004", "2A004"),
        ("971", "127", "97127"),
        ("97", "411", "97411"),
    ],
)
def test_the_commune_is_the_insee_code_overseas_too(departement, commune, code):
    assert line(departement, commune).commune == code
    assert line(departement, commune).parcelle == f"{code}000BI0157"


@pytest.mark.parametrize("part", ["section", "plan"])
def test_a_line_without_a_whole_reference_names_no_parcel(part):
    assert line("85", "901", **{part: " "}).parcelle is None


def test_a_prefix_of_spaces_is_that_of_the_commune_itself():
    assert line("85", "901", prefixe="   ", section="A").parcelle == "859010000A0157"
    assert line("85", "901", prefixe="123").parcelle == "85901123BI0157"


def test_codes_come_with_their_meaning_or_bare_and_fictitious_numbers_are_no_siren():
    said, bare = line("85", "901").values(), line("85", "901", droit="N", groupe="4", siren="218500001").values()
    assert (said["droit"], said["droit_libelle"], said["groupe_libelle"]) == ("N", "Nu-propriétaire", "Groupe")
    assert (bare["droit"], bare["droit_libelle"], bare["groupe_libelle"]) == ("N", "Nu-propriétaire", "Commune")
    assert (said["siren"], bare["siren"]) == (None, "218500001")
    assert said["adresse"] == "515 LOT LES TERRES BASSES"


def test_a_group_of_persons_is_its_figure_whatever_letter_follows():
    assert line("85", "901", groupe="4A - Commune").values()["groupe"] == 4
    assert line("85", "901", groupe="").values()["groupe"] is None


def test_a_local_is_told_from_others_by_its_place_in_the_building_and_has_no_area():
    values = [
        "85",
        "0",
        "901",
        "X",
        "",
        "AB",
        "7",
        "A",
        "01",
        "02",
        "01003",
        *[""] * 6,
        "P",
        "PBX",
        "",
        "4",
        "",
        "",
        "X",
    ]
    local = Line.of(PREMISES, 2, values)
    assert local.local == ("A", "01", "02", "01003")
    assert local.parcelle == "85901000AB0007"
    assert (local.values()["porte"], "contenance" in local.values()) == ("01003", False)
    assert line("85", "901").local == ()
