"""A table as CSV (RFC 4180): what a spreadsheet opens, and what it must not run."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from services.rows import Table

GEOMETRY = "geom"
# A cell that begins so is a formula to a spreadsheet (OWASP, CSV Injection); an apostrophe makes it a text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TRUTHS = {True: "true", False: "false"}


def write(table: Table) -> bytes:
    """Return a page as CSV; the geometry, where it is wanted, is WKT."""
    names = ["id", *(column.name for column in table.columns)]
    if table.page.geometry:
        return lines([[*names, GEOMETRY], *table.rows])
    return lines([names, *(row[:-1] for row in table.rows)])


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as lines: texts are quoted, so that an empty one is not taken for null; numbers are bare."""
    text = StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_STRINGS, lineterminator="\r\n").writerows(map(cell, row) for row in rows)
    return text.getvalue().encode()


def cell(value: Any) -> Any:
    """Return a value as a cell that no spreadsheet runs."""
    if isinstance(value, bool):
        return TRUTHS[value]
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
