"""CSV: what a spreadsheet reads as a text, a number or nothing, and what it must never run."""

import csv
import io

import pytest

from services.formatters.table import lines


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_made_a_text(start):
    assert lines([[f'{start}cmd|" /C calc"!A0']]) == f'"\'{start}cmd|"" /C calc""!A0"\r\n'.encode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-5, "-5"), (0, "0"), (1.5, "1.5"), (-1e-9, "-1e-09"), (None, ""), ("", '""'), (True, '"true"'),
        (False, '"false"'), ("01004", '"01004"'), ("a-b", '"a-b"'), ("L'Île d'Œuf", '"L\'Île d\'Œuf"'), ("d", '"d"'),
        ('dit "le Pré"', '"dit ""le Pré"""'), ("a,b;c", '"a,b;c"'), ("deux\r\nlignes", '"deux\r\nlignes"'),
    ],
)  # fmt: skip
def test_texts_are_quoted_numbers_are_bare_and_null_is_nothing(value, written):
    assert lines([["x", value]]).decode() == f'"x",{written}\r\n'


def test_what_is_written_is_read_again():
    rows = [["a,b", 'c"d', "e\nf", "é"], ["", " ", "''", "\u2028"]]
    assert list(csv.reader(io.StringIO(lines(rows).decode(), newline=""))) == rows
