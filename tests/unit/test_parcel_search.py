"""What somebody writes of a parcel, as it is read."""

import pytest

from services.parcel_search import Found, Reference, UnreadParcel, is_in, read_reference

HERE = Found("85901", "859010000A0012", "Bréhaudière-les-Étangs")


@pytest.mark.parametrize(
    ("text", "section", "numero"),
    [
        ("A 12", "0A", "0012"),
        ("a12", "0A", "0012"),
        ("0A 12", "0A", "0012"),
        ("0A0012", "0A", "0012"),
        ("A0012", "0A", "0012"),
        ("AB12", "AB", "0012"),
        ("AB  0012", "AB", "0012"),
        (" ab-12 ", "AB", "0012"),
        ("AB n° 12", "AB", "0012"),
        ("AB, no 12", "AB", "0012"),
        ("section AB parcelle 12", "AB", "0012"),
        ("12 345", "12", "0345"),  # Alsace and Moselle number their sections
        ("7/3", "07", "0003"),
        ("010012", "01", "0012"),
    ],
)
def test_a_section_and_a_number_are_read_with_their_zeros_or_without(text, section, numero):
    assert read_reference(text) == Reference(section, numero)


@pytest.mark.parametrize("text", ["859010000A0012", "85901 000 0A 0012", "859010000a0012"])
def test_a_whole_identifier_is_read_with_its_commune(text):
    assert read_reference(text) == Reference("0A", "0012", "85901000")
    assert read_reference("2A0040000A0012").stem == "2A004000"


@pytest.mark.parametrize(
    "text", ["", "A", "12", "1234", "ABC 12", "A 12345", "A 12 13", "É 12", "A ١٢", "8590100A0012", "\0"]
)
def test_what_is_no_parcel_is_refused_by_what_to_write(text):
    with pytest.raises(UnreadParcel) as refused:
        read_reference(text)
    assert "par exemple A 12" in str(refused.value)


@pytest.mark.parametrize("commune", ["", "85901", "Bréhaudière", "brehaudiere les etangs", "BREHAUDIERE-LES"])
def test_a_commune_is_named_by_its_code_or_the_beginning_of_its_name(commune):
    assert is_in(HERE, commune)


@pytest.mark.parametrize("commune", ["85902", "8590", "étangs", "Saint"])
def test_another_commune_is_another(commune):
    assert not is_in(HERE, commune)
    assert not is_in(Found("85901", "859010000A0012", None), commune)
