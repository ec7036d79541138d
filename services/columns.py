"""The properties that a caller may name, with their types: a hidden one is not among them, as one that never was."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import sql

from catalog.errors import BadRequest
from catalog.model import BASE, Dataset

Value = str | int | float | bool | date

PARIS = ZoneInfo("Europe/Paris")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,10}\Z", re.ASCII)
FLOAT = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?\Z", re.ASCII)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
INTEGERS = range(-(2**31), 2**31)
TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Column:
    """One property: its type, and the attribute group whose table holds it."""

    name: str
    kind: str
    group: str

    @property
    def reference(self) -> sql.Identifier:
        """How a statement names it."""
        return sql.Identifier(alias(self.group), self.name)


def storable(text: str) -> bool:
    """True where PostgreSQL can be given a text: JSON lets NUL and halves of a character in, UTF-8 does not."""
    return UNSTORABLE.search(text) is None


def alias(group: str) -> str:
    """Return the name that a statement gives to the table of a group."""
    return "t" if group == BASE else f"g_{group}"


def columns_of(dataset: Dataset, groups: tuple[str, ...]) -> dict[str, Column]:
    """Return the properties of `groups` by name, in the order of the dataset's file."""
    return {name: Column(name, kind, group) for group in groups for name, kind in dataset.columns((group,)).items()}


def known(columns: Mapping[str, Column], name: object) -> Column:
    """Return a property by its name. Raises BadRequest, the same for a hidden one and for one that never was."""
    if not isinstance(name, str) or name not in columns:
        raise BadRequest
    return columns[name]


def value_of(kind: str, text: str) -> Value:
    """Read a value of a column's type from a parameter. Raises BadRequest."""
    match kind:
        case "text":
            return text
        case "integer" if INTEGER.match(text) and int(text) in INTEGERS:
            return int(text)
        case "double precision" if FLOAT.match(text) and math.isfinite(float(text)):
            return float(text)
        case "boolean" if text in TRUTHS:
            return TRUTHS[text]
        case "date":
            return day(text)
    raise BadRequest("La valeur d'une propriété n'est pas du type attendu.")


def day(text: str) -> date:
    """Read a day, or the day of an instant in France. Raises BadRequest."""
    try:
        if DAY.match(text):
            return date.fromisoformat(text)
        if INSTANT.match(text):
            return datetime.fromisoformat(text).astimezone(PARIS).date()
    except (ValueError, OverflowError) as error:
        raise BadRequest("Une date est incorrecte.") from error
    raise BadRequest("Une date est incorrecte.")
