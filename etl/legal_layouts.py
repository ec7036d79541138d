"""How DGFiP's files of legal persons are laid out, year by year: their headings, and how their lines are cut. Pure."""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, BinaryIO

from catalog.errors import DeliveryError

PARCELS, PREMISES = DATASETS = "personnes_morales", "locaux_personnes_morales"  # one kind of file each
SEPARATORS = ";,\t"
LONGEST = 2**16  # bytes of a line: what is longer is no line of these files
USUAL = "cp1252"  # what Windows writes
NAME = re.compile(r"P[MB]_(\d\d)_(N?B)_(97\d|\d\d|2[AB])0?(?:[_-](\d{1,2}))?(?=\.\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layouts:
    """The columns of a kind of file in their order, and the headings that each year gives them."""

    columns: tuple[str, ...]
    headings: Mapping[tuple[int, ...], tuple[str, ...]]


@cache
def declared(name: str) -> Mapping[str, Any]:
    """Return what is declared of a kind of file."""
    return tomllib.loads(files("etl").joinpath("mappings", f"{name}.toml").read_text("utf-8"))


@cache
def layouts(dataset: str) -> Layouts:
    """Return the declared layouts of the file that feeds a dataset."""
    content = declared(dataset)
    headings = {tuple(one["years"]): tuple(one["headings"]) for one in content["layouts"]}
    return Layouts(tuple(content["columns"]), headings)


@dataclass(frozen=True, slots=True)
class Named:
    """What the name of a file says: which it is, its year, its département, and which piece where it is in several."""

    dataset: str
    year: int
    departement: str
    piece: int | None

    @property
    def subject(self) -> tuple[str, str]:
        """What it is of, whatever the year."""
        return self.dataset, self.departement

    @classmethod
    def of(cls, name: str) -> "Named | None":
        """Return what a name says, as `PM_26_NB_850.csv` or `PM_21_B_060-1.txt`; None for another."""
        found = NAME.findall(name)
        if not found:
            return None
        year, what, departement, piece = found[-1]  # the file's own, after those of what it came in
        dataset = PARCELS if what.upper() == "NB" else PREMISES
        return cls(dataset, 2000 + int(year), departement.upper(), int(piece) if piece else None)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first line of a file says: the dataset that it feeds, the years written so, and how lines are cut."""

    dataset: str
    years: tuple[int, ...]
    separator: str
    encoding: str

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(layouts(self.dataset).columns)

    def cut(self, raw: bytes) -> list[str]:
        """Return the values of a line. A quote that nothing closes is a mark like another, and ends with its line."""
        words = decoded(raw.rstrip(b"\r\n"), self.encoding).replace("\r", " ")
        plainly = words.split(self.separator)
        quoted = next(csv.reader([words], delimiter=self.separator), []) if '"' in words else plainly
        return quoted if len(quoted) == self.width else plainly


def read_heading(file: BinaryIO, encoding: str | None = None) -> Heading:
    """Read the first line of a file; its accents tell the encoding where none is asked for.

    Raises DeliveryError for headings of no known year, naming the first column that differs.
    """
    first = file.readline(LONGEST)
    if not first.strip():
        raise DeliveryError("fichier vide, ou dont la première ligne l'est : reprenez celui de la DGFiP")
    if b"\0" in first:
        words = "ce n'est pas un CSV en UTF-8 ou Latin-1 (UTF-16, classeur ou fichier binaire)"
        raise DeliveryError(f"{words} : reprenez le fichier d'origine de la DGFiP, ou enregistrez-le en « CSV UTF-8 »")
    if b"\r" in first.rstrip(b"\r\n"):
        words = "lignes séparées par un retour chariot seul (CR)"
        raise DeliveryError(f"{words} : enregistrez le fichier avec les fins de ligne de Windows ou de Linux")
    encoding = encoding or guessed(first)
    words = decoded(first, encoding)
    separator = max(SEPARATORS, key=words.count)
    dataset, years = recognised(next(csv.reader([words], delimiter=separator), []))
    return Heading(dataset, years, separator, encoding)


def lines(file: BinaryIO, heading: Heading) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a file after its heading, cut and numbered as an editor does."""
    for number, raw in enumerate(iter(lambda: file.readline(LONGEST), b""), 2):
        if raw.strip():
            yield number, heading.cut(raw)


def decoded(raw: bytes, encoding: str) -> str:
    """Return words in an encoding, else in the usual one: some files mix both."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode(USUAL, "replace")


def guessed(heading: bytes) -> str:
    """Return the encoding of a heading: UTF-8 where it can be, else what Windows writes."""
    try:
        heading.decode("utf-8")
    except UnicodeDecodeError:
        return USUAL
    return "utf-8-sig"


def recognised(found: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """Return the dataset and the years whose headings these are. Raises DeliveryError for no known ones."""
    names = [plain(name) for name in found]
    known = {(name, years): headings for name in DATASETS for years, headings in layouts(name).headings.items()}
    alike = {each: sum(map(str.__eq__, names, map(plain, headings))) for each, headings in known.items()}
    for each, headings in known.items():
        if names == [plain(name) for name in headings]:
            return each
    dataset, years = max(alike, key=alike.__getitem__)
    raise DeliveryError(difference(found, known[dataset, years], dataset, years))


def difference(found: Sequence[str], headings: Sequence[str], dataset: str, years: Sequence[int]) -> str:
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
        f" ou déclarez cette année dans etl/mappings/{dataset}.toml"
    )


def plain(heading: str) -> str:
    """Return a heading without accents, capitals nor further spaces."""
    words = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().casefold()
    return " ".join(words.split())


def refuse_other(named: Named, heading: Heading) -> None:
    """Raise DeliveryError where a file's name says parcels and its headings premises, or the other way round."""
    if named.dataset != heading.dataset:
        said, found = ("parcelles", "locaux") if named.dataset == PARCELS else ("locaux", "parcelles")
        raise DeliveryError(
            f"le nom du fichier dit les {said} (NB parcelles, B locaux), son en-tête les {found} : renommez-le"
        )


def refuse_wrong_year(named: Named, heading: Heading) -> None:
    """Raise DeliveryError where the year of a file's name cannot be: it has other headings, or is yet to come."""
    if named.year > date.today().year:
        raise DeliveryError(f"le nom du fichier dit {named.year}, qui n'est pas venu : donnez l'année par --edition")
    others = [years for years in layouts(heading.dataset).headings if years != heading.years]
    if any(named.year in years for years in others):
        span = f"{min(heading.years)}-{max(heading.years)}"
        words = f"le nom du fichier dit {named.year}, son en-tête est celui de {span}"
        raise DeliveryError(f"{words} : donnez l'année par --edition (2025-01-01)")
