"""What Etalab publishes of the cadastre, layer by layer: which field fills which column. Data."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from etl.cadastre_columns import whole
from etl.rows import text

INSEE = r"(?:\d\d|2[AB])\d{3}"
SECTION = INSEE + r"\d{3}[0-9A-Z]{2}"
PLACES = {"prefixe": (5, 8), "section": (8, 10), "feuille": (10, 12), "numero": (10, 14)}


def day(value: object) -> date | None:
    """Return a day as Etalab writes it, or None where it says none."""
    try:
        return date.fromisoformat(str(value).replace("/", "-")[:10])
    except ValueError:
        return None


Field = tuple[str, Callable[[Any], Any]]  # as the file writes it, and how it is read


@dataclass(frozen=True, slots=True)
class Layout:
    """A layer: its columns by field, those that its identifier holds, and what this looks like where there is one."""

    fields: Mapping[str, Field]
    within: tuple[str, ...] = ()
    identifier: re.Pattern[str] | None = None

    def values(self, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of an object."""
        own = {column: name[slice(*PLACES[column])] for column in self.within}
        return own | {column: read(fields.get(field)) for column, (field, read) in self.fields.items()}


LAYOUTS: dict[str, Layout] = {
    "communes": Layout({"nom": ("nom", text)}, (), re.compile(INSEE)),
    "sections": Layout({}, ("prefixe", "section"), re.compile(SECTION)),
    "feuilles": Layout(
        {"qualite": ("qualite", text), "mode_confection": ("modeConfection", text), "echelle": ("echelle", whole)},
        ("prefixe", "section", "feuille"),
        re.compile(SECTION + r"\d\d"),
    ),
    "parcelles": Layout(
        {
            "contenance": ("contenance", whole),
            "arpente": ("arpente", bool),
            "creation": ("created", day),
            "mise_a_jour": ("updated", day),
        },
        ("prefixe", "section", "numero"),
        re.compile(SECTION + r"\d{4}"),
    ),
    "batiments": Layout({"type": ("type", text), "nom": ("nom", text)}),
    "lieux_dits": Layout({"nom": ("nom", text)}),
    "subdivisions_fiscales": Layout({"parcelle": ("parcelle", text), "lettre": ("lettre", text)}),
}
LEFT_OUT = ("prefixes_sections",)  # what sections say already


def identified(layer: str) -> bool:
    """Tell whether the objects of a layer bear the identifiers of the plan: they can take the place of one another."""
    return layer in LAYOUTS and LAYOUTS[layer].identifier is not None
