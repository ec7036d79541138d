"""Read DGFiP's file of legal persons' parcels: cut by commune, then joined to the parcels that are held."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, TextIO

from shapely import Geometry

from catalog.errors import DeliveryError
from etl import parts
from etl.deliveries import Lot
from etl.legal_layouts import Line, lines
from etl.rows import Row
from etl.sources import NothingHere, Options, Tools, undated
from etl.vector import codec

DATASET = "personnes_morales"
YEAR = re.compile(r"PM_(\d\d)_NB", re.IGNORECASE)
HEADING = 8192  # bytes: more than any
ORPHAN = "parcelle absente du plan tenu"
FAULTS = 3  # told in full of the lines that cannot be read


def split(lot: Lot, held: Collection[str], options: Options, alive: Callable[[], object]) -> list[Lot]:
    """Cut a file into one lot a commune of which parcels are held, and one for each kind of what is left.

    Raises DeliveryError where its headings are of no known year.
    """
    cut, faults, elsewhere = parts.Cut(lot, alive), [], dict[str, int]()
    with opened(lot, options) as file:
        for number, values in lines(file):
            commune, fault = place(number, values)
            if fault:
                faults.append(fault)
            elif commune in held:
                cut.put(commune, record([number, *values]))
            else:
                elsewhere[commune] = elsewhere.get(commune, 0) + 1
    return [*cut.lots(), *left(lot, elsewhere, faults)]


def place(number: int, values: list[str]) -> tuple[str, str]:
    """Return the commune of a line, or what keeps it from having one."""
    try:
        commune = Line.of(number, values).commune
    except ValueError:
        return "", f"ligne {number}, {len(values)} colonnes"
    return commune or "", "" if commune else f"ligne {number}, commune incorrecte"


def record(values: list[Any]) -> bytes:
    """Return a line as parts hold it: columns apart by tabs."""
    return ("\t".join(" ".join(str(value).split()) for value in values) + "\n").encode("utf-8", "replace")


def left(lot: Lot, elsewhere: Mapping[str, int], faults: list[str]) -> Iterator[Lot]:
    """Yield what of a file goes to no commune that is held, with the reason."""
    if elsewhere:
        words = f"{sum(elsewhere.values())} ligne(s) de communes dont aucune parcelle n'est tenue"
        words = f"{words} ({parts.some(elsewhere)}) : chargez d'abord leur plan"
        yield parts.left(lot, "autres communes", NothingHere(words, file=lot.name))
    if faults:
        words = f"{len(faults)} ligne(s) illisible(s), non chargée(s) : {' ; '.join(faults[:FAULTS])}"
        yield parts.left(lot, "lignes illisibles", DeliveryError(words, file=lot.name))


@contextmanager
def opened(lot: Lot, options: Options) -> Iterator[TextIO]:
    """Open a text in the encoding that is asked for, else in that of its headings, which have accents every year."""
    with lot.path.open("rb") as file:
        encoding = codec(options.encoding) if options.encoding else guessed(file.readline(HEADING))
    with lot.path.open(encoding=encoding, errors="replace", newline="") as text:
        yield text


def guessed(heading: bytes) -> str:
    """Return the encoding of a heading: UTF-8 where it can be, else what Windows writes."""
    try:
        heading.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


class LegalPersonsSource:
    """The lines of one commune as a source of rows: one a parcel, holder and right."""

    def __init__(self, lot: Lot, options: Options) -> None:
        self.lot = lot
        self.commune = lot.path.stem.rpartition("-")[2]
        if options.departement and not self.commune.startswith(options.departement[:2]):
            raise DeliveryError(f"{self.commune} n'est pas du département {options.departement}", file=lot.name)
        self.unit = undated(f"{DATASET}-{self.commune}", lot, self.commune, options)
        if not options.edition and (found := YEAR.search(lot.name)):
            self.unit.edition, self.unit.guessed = date(2000 + int(found[1]), 1, 1), False

    def rows(self, tools: Tools) -> list[Row]:
        """Read the lines and return a row for each right; the other lines are counted in the unit."""
        parcels = tools.parcels(self.commune)
        rights = self.rights(parcels)
        count, ranks, made = self.unit.count(DATASET), dict[str, int](), []
        for (parcelle, *_), told in sorted(rights.items()):
            rank = ranks[parcelle] = ranks.get(parcelle, 0) + 1
            count.loaded += 1
            count.seen_again += len(told) - 1
            values = told[0].values() | borne(told)
            made.append(Row(DATASET, f"{parcelle}-{rank}", self.commune, values, parcels[parcelle]))
        return made

    def rights(self, parcels: Mapping[str, Geometry]) -> dict[tuple[str, str, str], list[Line]]:
        """Return the lines of each right; those that cannot be loaded are rejected."""
        found: dict[tuple[str, str, str], list[Line]] = {}
        for line in self.lines():
            self.unit.count(DATASET).read += 1
            parcelle = line.parcelle
            if parcelle in parcels:
                found.setdefault((parcelle, *line.holder), []).append(line)
            else:
                fault = ORPHAN if parcelle else "référence cadastrale absente ou incomplète"
                self.unit.reject(DATASET, parcelle or f"ligne {line.number}", fault)
        orphans = {reject.object for reject in self.unit.rejects if reject.reason == ORPHAN}
        if orphans:
            self.unit.notices.append(f"{len(orphans)} parcelle(s) du fichier absente(s) du plan tenu")
        return found

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the part."""
        with self.lot.path.open(encoding="utf-8", newline="\n") as file:
            for record in file:
                number, *values = record.removesuffix("\n").split("\t")
                yield Line.of(int(number), values)


def borne(told: list[Line]) -> dict[str, Any]:
    """Return what a right bears on: its fiscal subdivisions, told by a line each, once each."""
    subdivisions = {letter: (nature, size) for letter, nature, size in (line.subdivision for line in told)}
    natures = dict.fromkeys(nature for nature, _ in subdivisions.values() if nature)
    return {
        "subdivisions": ", ".join(sorted(filter(None, subdivisions))) or None,
        "natures_culture": ", ".join(natures) or None,
        "contenance_droit": sum(size for _, size in subdivisions.values()) or None,
    }
