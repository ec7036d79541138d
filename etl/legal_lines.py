"""What a line of DGFiP's files of legal persons says: on which parcel or local, who has which right. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from etl.legal_layouts import PARCELS, PREMISES, declared, layouts
from etl.rows import text

CODE = re.compile(r"\s*(\w+)\s+-\s+(.*)", re.DOTALL)
COMMUNE = re.compile(r"(?:\d\d|2[AB])\d{3}")
REFERENCE = re.compile(r"[0-9A-Z]{14}")
LOCAL = ("batiment", "entree", "niveau", "porte")
ROAD = ("numero_voirie", "repetition", "nature_voie", "nom_voie")


@lru_cache(4096)
def insee(departement: str, commune: str) -> str | None:
    """Return the INSEE code; a département of three figures repeats the last one in the commune's code."""
    code = departement.strip().upper().zfill(2)[:2] + commune.strip().zfill(3)
    return code if COMMUNE.fullmatch(code) else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number and its columns."""

    dataset: str
    number: int
    fields: Mapping[str, str]

    @classmethod
    def of(cls, dataset: str, number: int, values: Sequence[str]) -> "Line":
        """Return a line by its columns. Raises ValueError for more or fewer columns than there are."""
        return cls(dataset, number, dict(zip(layouts(dataset).columns, values, strict=True)))

    @property
    def commune(self) -> str | None:
        """The INSEE code."""
        return insee(self.fields["departement"], self.fields["code_commune"])

    @property
    def parcelle(self) -> str | None:
        """The parcel's published identifier; None where a part of the reference is missing."""
        prefixe, section, plan = (self.fields[name].strip().upper() for name in ("prefixe", "section", "plan"))
        reference = f"{self.commune}{prefixe.zfill(3)}{section.zfill(2)}{plan.zfill(4)}"
        return reference if self.commune and section and plan and REFERENCE.fullmatch(reference) else None

    @property
    def local(self) -> tuple[str, ...]:
        """What tells a local from another on the same parcel; nothing in the file of the parcels."""
        return tuple(self.fields[name].strip() for name in LOCAL) if self.dataset == PREMISES else ()

    @property
    def holder(self) -> tuple[str, str]:
        """What tells a right from another on the same thing: who has it, and which."""
        return (self.fields["majic"].strip() or self.fields["denomination"].strip()), code(self.fields["droit"])[0]

    @property
    def subdivision(self) -> tuple[str, str, int]:
        """The fiscal subdivision: its letter, nature and area, m²."""
        return self.fields["suf"].strip(), code(self.fields["nature_culture"])[0], area(self.fields["contenance_suf"])

    def values(self) -> dict[str, Any]:
        """Return the columns that do not change from one subdivision to the next."""
        own = {"contenance": area(self.fields["contenance"]) or None} if self.dataset == PARCELS else {}
        local = {name: text(value) for name, value in zip(LOCAL, self.local, strict=False)}
        return {"parcelle": self.parcelle, **own, **local, **self.right(), **self.person()}

    def right(self) -> dict[str, Any]:
        """Return what anybody may know of the right."""
        known, fields = declared(PARCELS), self.fields
        droit, droit_said = code(fields["droit"])
        groupe, groupe_said = code(fields["groupe"])
        figure = groupe[:1] if groupe[:1].isdecimal() else ""  # a letter after it tells of an exemption
        return {
            "droit": text(droit),
            "droit_libelle": text(droit_said or known["droits"].get(droit)),
            "groupe": int(figure) if figure else None,
            "groupe_libelle": text(groupe_said or known["groupes"].get(figure)),
            "forme_juridique": text(fields["forme_juridique"]),
            "adresse": text(spaced(" ".join(fields[name] for name in ROAD)).lstrip("0")),
        }

    def person(self) -> dict[str, Any]:
        """Return who has the right."""
        siren = self.fields["siren"].strip()
        return {
            "denomination": text(spaced(self.fields["denomination"])),
            "forme_abregee": text(self.fields["forme_abregee"]),
            "siren": siren if len(siren) == 9 and siren.isdecimal() else None,
            "numero_majic": text(self.fields["majic"]),
        }


def spaced(words: str) -> str:
    """Return words one space apart."""
    return " ".join(words.split())


def code(written: str) -> tuple[str, str]:
    """Return a code and what it means, where both are written: `P - Propriétaire`."""
    found = CODE.fullmatch(written)
    return (found[1], found[2].strip()) if found else (written.strip(), "")


def area(written: str) -> int:
    """Return whole square metres; 0 where there is no number."""
    digits = written.strip()
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0
