"""Read DGFiP's files of legal persons' parcels and premises: cut by commune, then joined to the parcels held."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from shapely import Geometry

from catalog.errors import DeliveryError
from etl import parts
from etl.deliveries import Lot
from etl.elsewhere import refuse_elsewhere
from etl.legal_layouts import PREMISES, Heading, Named, lines, read_heading, refuse_other, refuse_wrong_year
from etl.legal_lines import Line, insee
from etl.rows import Row
from etl.sources import OTHER_DEPARTEMENT, NothingHere, Options, Tools, undated
from etl.vector import codec

ORPHAN = "parcelle absente du plan tenu"
FAULTS = 3  # told in full of the lines that cannot be read


def newest_years(lots: list[Lot]) -> list[Lot]:
    """Return files of several years with the older ones of each département refused: a year replaces the one before."""
    named = [Named.of(lot.name) for lot in lots]
    newest: dict[tuple[str, str], int] = {}
    for one in filter(None, named):
        newest[one.subject] = max(one.year, newest.get(one.subject, one.year))
    return [
        lot if one is None or one.year == newest[one.subject] else replace(lot, fault=superseded(newest[one.subject]))
        for lot, one in zip(lots, named, strict=True)
    ]


def superseded(year: int) -> DeliveryError:
    """Return why a file of an older year is refused beside that of another."""
    return DeliveryError(
        f"l'année {year} est dans la livraison et la remplace : pour garder les deux, chargez-la avant"
    )


def split(lot: Lot, held: Collection[str], options: Options, alive: Callable[[], object]) -> list[Lot]:
    """Cut a file into one lot a commune of which parcels are held, and one for each kind of what is left.

    Raises DeliveryError for headings of no known year, a name that they belie, or a file that is cut short.
    """
    cut, faults, elsewhere, width = parts.Cut(lot, alive), [], dict[str, int](), 0
    with lot.path.open("rb") as file:
        heading = read_heading(file, codec(options.encoding) if options.encoding else None)
        check_name(lot, heading, options)
        for number, values in lines(file, heading):
            width = len(values)
            commune, fault = place(number, values, heading)
            if fault:
                faults.append(fault)
            elif commune in held:
                cut.put(commune, record([heading.dataset, str(number), *values]))
            else:
                elsewhere[commune] = elsewhere.get(commune, 0) + 1
    if width and width < heading.width:
        words = f"fichier tronqué : sa dernière ligne n'a que {width} colonnes sur {heading.width}"
        raise DeliveryError(f"{words} ; téléchargez-le de nouveau")
    return [*cut.lots(), *left(lot, elsewhere, faults)]


def check_name(lot: Lot, heading: Heading, options: Options) -> None:
    """Raise DeliveryError for a file whose name says another year than its headings, or another département."""
    named = Named.of(lot.name)
    if named is None and not options.edition:
        words = "le nom du fichier ne dit pas son année (PM_26_NB_850.csv)"
        raise DeliveryError(f"{words} : rendez-le-lui, ou donnez-la par --edition (2026-01-01)")
    if named is None:
        return
    if options.departement and not options.departement.upper().startswith(named.departement):
        raise DeliveryError(
            f"fichier du département {named.departement}, et non {options.departement} : vérifiez --departement"
        )
    refuse_elsewhere(named.departement, lot.name)
    refuse_other(named, heading)
    if not options.edition:
        refuse_wrong_year(named, heading)


def place(number: int, values: list[str], heading: Heading) -> tuple[str, str]:
    """Return the commune of a line, or what keeps it from having one."""
    if len(values) != heading.width:
        more = " : un séparateur dans un nom sans guillemets ?" if len(values) > heading.width else ""
        return "", f"ligne {number}, {len(values)} colonnes{more}"
    commune = insee(values[0], values[2])
    return commune or "", "" if commune else f"ligne {number}, commune incorrecte"


def record(values: list[str]) -> bytes:
    """Return a line as parts hold it: columns apart by tabs."""
    if any("\t" in value for value in values):
        values = [value.replace("\t", " ") for value in values]
    return ("\t".join(values) + "\n").encode("utf-8", "replace")


def left(lot: Lot, elsewhere: Mapping[str, int], faults: list[str]) -> Iterator[Lot]:
    """Yield what of a file goes to no commune that is held, with the reason."""
    if elsewhere:
        words = f"{sum(elsewhere.values())} ligne(s) de communes dont aucune parcelle n'est tenue"
        words = f"{words} ({parts.some(elsewhere)}) : chargez d'abord leur plan"
        yield parts.left(lot, "autres communes", NothingHere(words, file=lot.name))
    if faults:
        words = f"{len(faults)} ligne(s) illisible(s), non chargée(s) : {' ; '.join(faults[:FAULTS])} ; corrigez-les"
        yield parts.left(lot, "lignes illisibles", DeliveryError(words, file=lot.name))


class LegalPersonsSource:
    """The lines of one commune as a source of rows: one a parcel or local, holder and right."""

    def __init__(self, lot: Lot, options: Options) -> None:
        self.lot = lot
        self.commune = lot.path.stem.rpartition("-")[2]
        if options.departement and not self.commune.startswith(options.departement.upper()):
            raise DeliveryError(
                f"{self.commune} {OTHER_DEPARTEMENT.format(options.departement)}",
                file=lot.name,
            )
        self.dataset = next(self.records())[0]
        named = Named.of(lot.name)
        self.piece = f"-{named.piece}" if named and named.piece else ""
        self.unit = undated(f"{self.dataset}-{self.commune}{self.piece}", lot, self.commune, options)
        if not options.edition and named:
            self.unit.edition, self.unit.guessed = date(named.year, 1, 1), False

    def rows(self, tools: Tools) -> list[Row]:
        """Read the lines and return a row for each right; the other lines are counted in the unit."""
        parcels = tools.parcels(self.commune)
        rights = self.rights(parcels)
        count, ranks, made = self.unit.count(self.dataset), dict[str, int](), []
        shapes = {key[0]: shown(parcels[key[0]], self.dataset) for key in rights}
        for (parcelle, *_), told in sorted(rights.items()):
            rank = ranks[parcelle] = ranks.get(parcelle, 0) + 1
            count.loaded += 1
            count.seen_again += len(told) - 1
            values = told[0].values() | ({} if self.dataset == PREMISES else borne(told))
            made.append(Row(self.dataset, f"{parcelle}{self.piece}-{rank}", self.commune, values, shapes[parcelle]))
        return made

    def rights(self, parcels: Mapping[str, Geometry]) -> dict[tuple[str, ...], list[Line]]:
        """Return the lines of each right; those that cannot be loaded are rejected."""
        found: dict[tuple[str, ...], list[Line]] = {}
        for dataset, number, *values in self.records():
            line = Line.of(dataset, int(number), values)
            self.unit.count(self.dataset).read += 1
            parcelle = line.parcelle
            if parcelle in parcels:
                found.setdefault((parcelle, *line.local, *line.holder), []).append(line)
            else:
                fault = ORPHAN if parcelle else "référence cadastrale absente ou incomplète"
                self.unit.reject(self.dataset, parcelle or f"ligne {line.number}", fault)
        orphans = {reject.object for reject in self.unit.rejects if reject.reason == ORPHAN}
        if orphans:
            self.unit.notices.append(f"{len(orphans)} parcelle(s) du fichier absente(s) du plan tenu")
        return found

    def records(self) -> Iterator[list[str]]:
        """Yield what the part holds of each line: the dataset, its number in the file, its columns."""
        with self.lot.path.open(encoding="utf-8", newline="\n") as file:
            yield from (record.removesuffix("\n").split("\t") for record in file)


def shown(parcel: Geometry, dataset: str) -> Geometry:
    """Return where a right is shown: on its parcel, and for a local at a point in it."""
    return parcel.representative_point() if dataset == PREMISES else parcel


def borne(told: list[Line]) -> dict[str, Any]:
    """Return what a right bears on: its fiscal subdivisions, told by a line each, once each."""
    subdivisions = {letter: (nature, size) for letter, nature, size in (line.subdivision for line in told)}
    natures = dict.fromkeys(nature for nature, _ in subdivisions.values() if nature)
    return {
        "subdivisions": ", ".join(sorted(filter(None, subdivisions))) or None,
        "natures_culture": ", ".join(natures) or None,
        "contenance_droit": sum(size for _, size in subdivisions.values()) or None,
    }
