"""The headings of DGFiP's file of legal persons' parcels, year by year, and what its lines say."""

import io

import pytest

from catalog.errors import DeliveryError
from data_samples.personnes_morales import NEW, OLD
from etl.legal_layouts import Line, check, layouts, lines
from etl.legal_persons import guessed

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
    known = Line.of(7, values)
    return Line(7, {**known.fields, **changed})


@pytest.mark.parametrize(("headings", "year"), [(OLD, 2022), (NEW, 2025)])
def test_each_years_headings_are_known_however_they_are_spaced_or_capitalised(headings, year):
    assert year in check(headings)
    assert year in check([f" {name.upper()}  " for name in headings])


def test_every_layout_has_as_many_headings_as_there_are_columns():
    assert {len(headings) for headings in layouts().headings.values()} == {len(layouts().columns)} == {24}


def test_headings_of_no_known_year_are_refused_naming_the_column_and_the_way_out():
    with pytest.raises(DeliveryError, match="colonne 20 : « Siren » au lieu de « N° SIREN - par »") as told:
        check([*NEW[:19], "Siren", *NEW[20:]])
    assert "2024-2025" in str(told.value)
    assert "mappings/personnes_morales.toml" in str(told.value)
    with pytest.raises(DeliveryError, match="23 colonnes au lieu de 24"):
        check(NEW[:-1])


def test_the_file_of_premises_is_told_from_that_of_parcels():
    with pytest.raises(DeliveryError, match="fichier des locaux"):
        check([*OLD[:7], "Bâtiment (Identification du local)", *OLD[8:]])


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_lines_are_numbered_as_an_editor_does_whatever_parts_their_values(separator):
    text = io.StringIO("\n".join(separator.join(values) for values in (NEW, ["a"] * 24, ["b"] * 3)), newline="")
    assert [(number, len(values)) for number, values in lines(text)] == [(2, 24), (3, 3)]


def test_the_encoding_is_that_of_the_headings():
    assert guessed("Département;".encode()) == guessed("\ufeffDépartement;".encode()) == "utf-8-sig"
    assert guessed("Département;".encode("latin-1")) == "cp1252"


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
