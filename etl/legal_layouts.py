"""How DGFiP's file of legal persons' parcels is laid out, year by year: its headings, and what a line says. Pure."""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TextIO

from catalog.errors import DeliveryError
from etl.rows import text

DECLARED = "etl/mappings/personnes_morales.toml"
SEPARATORS = ";,\t"
PREMISES = "batiment"  # a heading of the other file, of buildings' premises
CODE = re.compile(r"\s*(\w+)\s+-\s+(.*)", re.DOTALL)
COMMUNE = re.compile(r"(?:\d\d|2[AB])\d{3}")
REFERENCE = re.compile(r"[0-9A-Z]{14}")


@dataclass(frozen=True, slots=True)
class Layouts:
    """The columns in their order, the headings that each year gives them, and the meaning of bare codes."""

    columns: tuple[str, ...]
    headings: Mapping[tuple[int, ...], tuple[str, ...]]
    droits: Mapping[str, str]
    groupes: Mapping[str, str]


@cache
def layouts() -> Layouts:
    """Return the declared layouts."""
    content = tomllib.loads(files("etl").joinpath("mappings", "personnes_morales.toml").read_text("utf-8"))
    headings = {tuple(one["years"]): tuple(one["headings"]) for one in content["layouts"]}
    return Layouts(tuple(content["columns"]), headings, content["droits"], content["groupes"])


def lines(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a file after its heading, numbered as an editor does.

    Raises DeliveryError for headings of no known year, naming the first column that differs.
    """
    first = file.readline()
    separator = max(SEPARATORS, key=first.count)
    check(next(csv.reader([first], delimiter=separator), []))
    reader = csv.reader(file, delimiter=separator)
    try:
        yield from ((reader.line_num + 1, line) for line in reader if line)
    except csv.Error as error:
        raise DeliveryError(f"ligne {reader.line_num + 1} illisible ({error})") from error


def check(found: Sequence[str]) -> tuple[int, ...]:
    """Return the years whose headings these are. Raises DeliveryError for no known year."""
    names = [plain(name) for name in found]
    known = {years: [plain(name) for name in headings] for years, headings in layouts().headings.items()}
    for years, headings in known.items():
        if names == headings:
            return years
    if PREMISES in [name.partition(" (")[0] for name in names]:
        raise DeliveryError("fichier des locaux : seul celui des parcelles (« PM_…_NB_… ») est lu")
    years = max(known, key=lambda years: sum(a == b for a, b in zip(names, known[years], strict=False)))
    raise DeliveryError(difference(found, layouts().headings[years], years))


def difference(found: Sequence[str], headings: Sequence[str], years: Sequence[int]) -> str:
    """Say at which column headings differ from the likest ones known, and what to do."""
    pairs = enumerate(zip(found, headings, strict=False), 1)
    wrong = next((place for place, (one, other) in pairs if plain(one) != plain(other)), None)
    span = f"{min(years)}-{max(years)}"
    if wrong is None:
        words = f"{len(found)} colonnes au lieu de {len(headings)}"
    else:
        words = f"colonne {wrong} : « {found[wrong - 1][:60]} » au lieu de « {headings[wrong - 1]} »"
    return (
        f"en-tête d'aucune année connue ({words}, comme en {span}) ; reprenez le fichier d'origine de la DGFiP,"
        f" ou déclarez cette année dans {DECLARED}"
    )


def plain(heading: str) -> str:
    """Return a heading without accents, capitals nor further spaces."""
    words = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().casefold()
    return " ".join(words.split())


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: its number and its columns."""

    number: int
    fields: Mapping[str, str]

    @classmethod
    def of(cls, number: int, values: Sequence[str]) -> "Line":
        """Return a line by its columns. Raises ValueError for more or fewer columns than there are."""
        return cls(number, dict(zip(layouts().columns, values, strict=True)))

    @property
    def commune(self) -> str | None:
        """The INSEE code; a département of three figures repeats the last one in the commune's code."""
        departement = self.fields["departement"].strip().upper().zfill(2)
        code = departement[:2] + self.fields["code_commune"].strip().zfill(3)
        return code if COMMUNE.fullmatch(code) else None

    @property
    def parcelle(self) -> str | None:
        """The parcel's published identifier; None where a part of the reference is missing."""
        prefixe, section, plan = (self.fields[name].strip().upper() for name in ("prefixe", "section", "plan"))
        reference = f"{self.commune}{prefixe.zfill(3)}{section.zfill(2)}{plan.zfill(4)}"
        return reference if self.commune and section and plan and REFERENCE.fullmatch(reference) else None

    @property
    def holder(self) -> tuple[str, str]:
        """What tells a right from another on the same parcel: who has it, and which."""
        return (self.fields["majic"].strip() or self.fields["denomination"].strip()), code(self.fields["droit"])[0]

    @property
    def subdivision(self) -> tuple[str, str, int]:
        """The fiscal subdivision: its letter, nature and area, m²."""
        return self.fields["suf"].strip(), code(self.fields["nature_culture"])[0], area(self.fields["contenance_suf"])

    def values(self) -> dict[str, Any]:
        """Return the columns that do not change from one subdivision to the next."""
        known, fields = layouts(), self.fields
        droit, droit_said = code(fields["droit"])
        groupe, groupe_said = code(fields["groupe"])
        place = (fields[name].strip() for name in ("numero_voirie", "repetition", "nature_voie", "nom_voie"))
        siren = fields["siren"].strip()
        return {
            "parcelle": self.parcelle,
            "droit": text(droit),
            "droit_libelle": text(droit_said or known.droits.get(droit)),
            "groupe": int(groupe) if groupe.isdecimal() else None,
            "groupe_libelle": text(groupe_said or known.groupes.get(groupe)),
            "forme_juridique": text(fields["forme_juridique"]),
            "contenance": area(fields["contenance"]) or None,
            "adresse": text(" ".join(" ".join(place).split()).lstrip("0")),
            "denomination": text(fields["denomination"]),
            "forme_abregee": text(fields["forme_abregee"]),
            "siren": siren if len(siren) == 9 and siren.isdecimal() else None,
            "numero_majic": text(fields["majic"]),
        }


def code(written: str) -> tuple[str, str]:
    """Return a code and what it means, where both are written: `P - Propriétaire`."""
    found = CODE.fullmatch(written)
    return (found[1], found[2].strip()) if found else (written.strip(), "")


def area(written: str) -> int:
    """Return whole square metres; 0 where there is no number."""
    digits = written.strip()
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0
