"""What every kind of source ends in: rows ready for their tables."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely import Geometry

UNSEEN = ("Cc", "Cf", "Zl", "Zp")  # controls, marks of direction, ends of line
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Repair:
    """A geometry that was wrong: what was wrong, its area, and as WKB; after the repair, none where that was refused.

    Taken back from a report, it has no WKB: this is in the database.
    """

    dataset: str
    object: str
    fault: str
    before: float
    after: float | None
    original: bytes = b""
    repaired: bytes | None = None

    @classmethod
    def of(cls, dataset: str, obj: str, fault: str, original: Geometry, repaired: Geometry | None) -> "Repair":
        """Return the repair of a geometry."""
        after = None if repaired is None else round(repaired.area, 2)
        shapes = (None if shape is None else shape.wkb for shape in (original, repaired))
        return cls(dataset, obj, fault, round(original.area, 2), after, *shapes)

    def as_json(self) -> list[Any]:
        """Return it as the report keeps it."""
        return [self.dataset, self.object, self.fault, self.before, self.after]


@dataclass(frozen=True, slots=True)
class Row:
    """One object, or one commune's piece of it: its columns by name, whatever their attribute group.

    `raw` are its attributes as the source writes them, `repair` what its geometry was.
    """

    dataset: str
    id: str
    commune: str
    values: Mapping[str, Any]
    geometry: Geometry
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)
    repair: Repair | None = field(default=None, compare=False)


def text(value: object) -> str | None:
    """Return a text without what no table takes, or None where it says nothing."""
    return (printable(str(value)).strip() or None) if value is not None else None


def printable(words: str) -> str:
    """Return words without control characters nor halves of characters, which neither a table nor JSON takes."""
    return CONTROL.sub("", words.encode("utf-8", "replace").decode("utf-8"))


def one_line(words: str) -> str:
    """Return words as a line of a report: nothing in it ends the line, or turns what a terminal shows."""
    return "".join(" " if unicodedata.category(one) in UNSEEN else one for one in printable(words))


def slug(name: str) -> str:
    """Return a file's name as an identifier."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_-]+", "-", plain.casefold()).strip("-") or "sans-nom"
