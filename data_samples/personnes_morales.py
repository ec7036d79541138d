"""Rights of legal persons on parcels, as DGFiP publishes them: one line a fiscal subdivision and right."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data_samples.model import Parcelle, World

YEAR = 26
QUOTED_UNTIL = 23  # years of Latin-1 texts, every value in quotes; then UTF-8 without
OLD = [
    "Département (Champ géographique)",
    "Code Direction (Champ géographique)",
    "Code Commune (Champ géographique)",
    "Nom Commune (Champ géographique)",
    "Préfixe (Références cadastrales)",
    "Section (Références cadastrales)",
    "N° plan (Références cadastrales)",
    "N° de voirie (Adresse parcelle)",
    "Indice de répétition (Adresse parcelle)",
    "Code voie MAJIC (Adresse parcelle)",
    "Code voie rivoli (Adresse parcelle)",
    "Nature voie (Adresse parcelle)",
    "Nom voie (Adresse parcelle)",
    "Contenance (Caractéristiques parcelle)",
    "SUF (Evaluation SUF)",
    "Nature culture (Evaluation SUF)",
    "Contenance (Evaluation SUF)",
    "Code droit (Propriétaire(s) parcelle)",
    "N° MAJIC (Propriétaire(s) parcelle)",
    "N° SIREN (Propriétaire(s) parcelle)",
    "Groupe personne (Propriétaire(s) parcelle)",
    "Forme juridique (Propriétaire(s) parcelle)",
    "Forme juridique abrégée (Propriétaire(s) parcelle)",
    "Dénomination (Propriétaire(s) parcelle)",
]
NEW = [
    "Département",
    "Code Direction",
    "Code Commune",
    "Nom de la commune",
    "Préfixe",
    "Section",
    "N° plan",
    "N° voirie",
    "Indice de répétition",
    "Code voie MAJIC",
    "Code voie Rivoli",
    "Nature voie",
    "Nom voie",
    "Contenance",
    "SUF",
    "Nature culture",
    "Contenance",
    "Code droit - par",
    "N° Majic - par",
    "N° SIREN - par",
    "Groupe personne - par",
    "Forme juridique - par",
    "Forme juridique abrégée - par",
    "Dénomination - par",
]


@dataclass(frozen=True, slots=True)
class Person:
    """A legal person; one without a SIREN bears a number that only looks like one."""

    majic: str
    siren: str
    groupe: int
    groupe_libelle: str
    forme: str
    abregee: str
    denomination: str


@dataclass(frozen=True, slots=True)
class Droit:
    """A right of a person on a parcel, over its fiscal subdivisions: letter, nature and area."""

    parcelle: Parcelle
    person: Person
    code: str
    libelle: str
    subdivisions: tuple[tuple[str, str, int], ...]


STATE = Person("PBB001", "U10000001", 1, "État", "7113", "ETAT", "ETAT PAR LE SERVICE DES DOMAINES INVENTÉS")
COMPANY = Person("PBB002", "999000013", 0, "Personnes morales non remarquables ", "6540", "SCI", "SCI DES TROIS CHÊNES")
FARM = Person("PBB003", "999000021", 0, "Personnes morales non remarquables ", "6533", "GAEC", "GAEC DU GRAND PRÉ")


def droits(world: World) -> Iterator[Droit]:
    """Yield the rights that are invented: of the commune, of a company and a farm together, of the State."""
    letters = {one.parcelle: [] for one in world.subdivisions_fiscales}
    for one in world.subdivisions_fiscales:
        letters[one.parcelle].append((one.lettre, "T", round(one.geometry.area)))
    for place, parcelle in enumerate(world.parcelles):
        own = tuple(sorted(letters.get(parcelle.id, [("", "S", parcelle.contenance or 0)])))
        if place % 7 == 0:
            yield Droit(parcelle, town(world, parcelle.commune), "P", "Propriétaire", own)
        if place % 11 == 0:
            yield Droit(parcelle, COMPANY, "N", "Nu-propriétaire ", own)
            yield Droit(parcelle, FARM, "U", "Usufruitier", own)
        if place % 13 == 0:
            yield Droit(parcelle, STATE, "P", "Propriétaire", own)


def town(world: World, commune: str) -> Person:
    """Return a commune as an owner."""
    name = next(one.name for one in world.communes if one.code == commune)
    siren = f"9998{commune}"
    return Person(f"PBA{commune[2:]}", siren, 4, "Commune", "7210", "COM", f"COMMUNE DE {name.upper()}")


def write_rights(world: World, path: Path, year: int = YEAR) -> Path:
    """Write the file of a year, in that year's headings, quotes and encoding."""
    old = year <= QUOTED_UNTIL
    lines = (line(world, droit, subdivision, old) for droit in droits(world) for subdivision in droit.subdivisions)
    return write_table(path, OLD if old else NEW, lines, old)


def write_table(path: Path, heading: list[str], lines: Iterable[list[str]], old: bool) -> Path:
    """Write a table as DGFiP does, or as it did in the old years: quotes, encoding and ends of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    quoting, encoding = (csv.QUOTE_ALL, "latin-1") if old else (csv.QUOTE_MINIMAL, "utf-8")
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=quoting, lineterminator="\r\n" if old else "\n")
        writer.writerows([heading, *lines])
    return path


def line(world: World, droit: Droit, subdivision: tuple[str, str, int], old: bool) -> list[str]:
    """Return one line of the file."""
    parcelle, person, (letter, nature, size) = droit.parcelle, droit.person, subdivision
    name = next(one.name for one in world.communes if one.code == parcelle.commune)
    prefixe = parcelle.prefixe if parcelle.prefixe != "000" else "   " * old
    place = [parcelle.commune[:2], "0", parcelle.commune[2:], name.upper(), prefixe, parcelle.section.lstrip("0")]
    road = ["0012", "", "00035", "A026", "RUE", "DU PUITS"]
    culture = coded(nature, "Sols" if nature == "S" else "Terres", old)
    ground = [str(parcelle.contenance or ""), letter, culture, str(size)]
    right = [coded(droit.code, droit.libelle, old), person.majic, person.siren]
    who = [coded(str(person.groupe), person.groupe_libelle, old), person.forme, person.abregee, person.denomination]
    return [*place, parcelle.numero, *road, *ground, *right, *who]


def coded(code: str, meaning: str, old: bool) -> str:
    """Return a code, with what it means since that is written."""
    return code if old else f"{code} - {meaning}"
