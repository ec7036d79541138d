"""The identifiers of the sheets of the plan, as they are named in lots and as they are published. Pure."""

import re
from dataclasses import dataclass

SHEET = re.compile(r"(?<![0-9A-Z])((?:\d\d|2[AB])\d{3})(\d{3})([0-9A-Z]{2})(\d{2})(?![0-9A-Z])")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's identifier, taken apart: commune (INSEE), prefix, section, number."""

    commune: str
    prefixe: str
    section: str
    feuille: str

    def __str__(self) -> str:
        return f"{self.commune}{self.prefixe}{self.section}{self.feuille}"

    @property
    def departement(self) -> str:
        """What the identifiers of EDIGEO leave out."""
        return self.commune[:2]


def parse_sheet(name: str) -> Sheet | None:
    """Find the sheet in the name of an archive or a folder; the last one named counts."""
    found = SHEET.findall(name.upper())
    return Sheet(*found[-1]) if found else None


def sheet_from_idu(idu: str, departement: str) -> Sheet:
    """Return the sheet whose EDIGEO identifier (10 characters) lies in a département."""
    return Sheet(departement[:2] + idu[:3], idu[3:6], padded(idu[6:8]), idu[8:10])


def padded(section: str) -> str:
    """Return a section in its two characters: `A` is published as `0A`."""
    return section.strip().rjust(2, "0")


def published(idu: str, departement: str) -> str:
    """Return the published identifier: the EDIGEO one with its département, its section in two characters."""
    section = padded(idu[6:8]) if len(idu) > 6 else ""
    return f"{departement}{idu[:6]}{section}{idu[8:]}"
