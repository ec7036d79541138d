"""What every kind of source ends in: rows ready for their tables."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely import Geometry

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Row:
    """One object, or one commune's piece of it: its columns by name, whatever their attribute group."""

    dataset: str
    id: str
    commune: str
    values: Mapping[str, Any]
    geometry: Geometry


def text(value: object) -> str | None:
    """Return a text without what no table takes, or None where it says nothing."""
    return (printable(str(value)).strip() or None) if value is not None else None


def printable(words: str) -> str:
    """Return words without control characters nor halves of characters, which neither a table nor JSON takes."""
    return CONTROL.sub("", words.encode("utf-8", "replace").decode("utf-8"))


def slug(name: str) -> str:
    """Return a file's name as an identifier."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_-]+", "-", plain.casefold()).strip("-") or "sans-nom"
