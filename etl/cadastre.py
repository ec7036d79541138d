"""The cadastre's own identifiers, and the rows that the objects of a sheet become. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import DeliveryError
from etl.deliveries import Lot
from etl.edigeo import LAYERS, NTF, Lead, Thing, lead, lost, parse_date, things
from etl.geometry import Repairer, check_polygon, from_wkb, transformed, usable_crs
from etl.report import Unit
from etl.rows import Row, text
from etl.sources import Options, Tools

SHEET = re.compile(r"(?<![0-9A-Z])((?:\d\d|2[AB])\d{3})(\d{3})([0-9A-Z]{2})(\d{2})(?![0-9A-Z])")
IDU_LENGTHS = {"communes": 3, "sections": 8, "feuilles": 10, "parcelles": 12}
IDU = re.compile(r"[0-9A-Z ]+")
NAMES = ("TEX", *(f"TEX{number}" for number in range(2, 11)))


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


def find_sheet(name: str, known: Lead, departement: str | None) -> Sheet:
    """Return the sheet that a lot is, by its name or by its own text. Raises DeliveryError where they disagree."""
    sheet = parse_sheet(name)
    if sheet is None and known.sheets and departement:
        sheet = sheet_from_idu(known.sheets[0], departement)
    if sheet is None:
        raise DeliveryError("feuille inconnue : le nom ne la dit pas ; indiquez --departement", file=name)
    if departement and not sheet.commune.startswith(departement[:2]):
        raise DeliveryError(f"la feuille {sheet} n'est pas du département {departement}", file=name)
    inside = {published(idu, sheet.departement) for idu in known.sheets}
    if inside and str(sheet) not in inside:
        raise DeliveryError(f"le nom dit {sheet}, le contenu {', '.join(sorted(inside))}", file=name)
    return sheet


class SheetSource:
    """An EDIGEO lot as a source of rows."""

    def __init__(self, lot: Lot, options: Options) -> None:
        self.lot = lot
        self.known = lead(lot)
        self.sheet = find_sheet(lot.name, self.known, options.departement)
        edition = options.edition or self.known.edition
        self.unit = Unit(str(self.sheet), lot.name, self.sheet.commune, edition, lot.sha256)

    def rows(self, tools: Tools) -> list[Row]:
        """Read the lot and return its rows; the other objects are counted in the unit."""
        if self.known.crs in NTF:
            self.unit.notices.append("coordonnées en NTF : ramenées au Lambert-93 à quelques mètres près")
        return rows(self.sheet, self.known, things(self.lot, self.known), self.unit, tools.repair)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that making the rows of one sheet needs."""

    sheet: Sheet
    known: Lead
    parcels: Mapping[str, str]  # OBJECT_RID → published id


def rows(sheet: Sheet, known: Lead, found: list[Thing], unit: Unit, repair: Repairer) -> list[Row]:
    """Return the rows of a sheet's objects; the others are counted in `unit` with the reason."""
    parcels = {one.rid: published(one.fields["IDU"], sheet.departement) for one in found if is_parcel(one)}
    reading = Reading(sheet, known, parcels)
    geometries = transformed(from_wkb([one.wkb for one in found]), usable_crs(known.crs))
    made: dict[tuple[str, str], Row] = {}
    for one, geometry in zip(found, geometries, strict=True):
        dataset = LAYERS[one.layer]
        unit.count(dataset).read += 1
        name, fault = identify(one, reading)
        checked = None if fault else check_polygon(geometry, repair)
        if not fault and (dataset, name) in made:
            fault = "identifiant en double dans la feuille"
        if fault or checked is None or checked.geometry is None:
            unit.reject(dataset, name, fault or (checked and checked.fault) or "")
            continue
        unit.count(dataset).repaired += checked.repaired
        unit.count(dataset).loaded += 1
        made[dataset, name] = Row(dataset, name, sheet.commune, VALUES[dataset](one, name, reading), checked.geometry)
    for layer, rid in lost(known, found):
        unit.count(LAYERS[layer]).read += 1
        unit.reject(LAYERS[layer], rid, "objet que GDAL ne rend pas : géométrie absente ou incomplète dans le lot")
    return list(made.values())


def is_parcel(one: Thing) -> bool:
    """True for a parcel with an identifier."""
    return one.layer == "PARCELLE_id" and isinstance(one.fields.get("IDU"), str)


def identify(one: Thing, reading: Reading) -> tuple[str, str | None]:
    """Return the published identifier of an object, and what is wrong with it."""
    dataset = LAYERS[one.layer]
    if dataset not in IDU_LENGTHS:
        number = one.rid.rpartition("_")[2]
        return f"{reading.sheet}-{number}", None if number.isdigit() else "OBJECT_RID absent ou incorrect"
    idu = str(one.fields.get("IDU") or "")
    if len(idu) != IDU_LENGTHS[dataset] or not IDU.fullmatch(idu):
        return idu or one.rid, "identifiant (IDU) absent ou incorrect"
    name = published(idu, reading.sheet.departement)
    if not name.startswith(reading.sheet.commune):
        return name, f"hors de la commune de la feuille ({reading.sheet.commune})"
    if dataset == "feuilles" and name != str(reading.sheet):
        return name, f"autre feuille que celle du nom ({reading.sheet})"
    return name, None


def commune(one: Thing, _name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of a commune."""
    return {"nom": text(one.fields.get("TEX2"))}


def section(_one: Thing, name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of a section."""
    return {"prefixe": name[5:8], "section": name[8:10]}


def feuille(one: Thing, name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a sheet."""
    scale = str(one.fields.get("EOR") or "")
    return section(one, name, reading) | {
        "feuille": name[10:12],
        "qualite": text(one.fields.get("QUPL")),
        "mode_confection": text(one.fields.get("COPL")),
        "echelle": int(scale) if scale.isdigit() and int(scale) < 10**9 else None,
    }


def parcelle(one: Thing, name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a parcel; `contenance` is what the lot says, never the geometric area."""
    return section(one, name, reading) | {
        "numero": name[10:14],
        "contenance": whole(one.fields.get("SUPF")),
        "arpente": one.fields.get("COAR") == "A",
        "creation": parse_date(one.fields.get("CREAT_DATE")),
        "mise_a_jour": parse_date(one.fields.get("UPDATE_DATE")),
    }


def batiment(one: Thing, _name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of a building."""
    return {"type": text(one.fields.get("DUR")), "nom": named(one)}


def lieu_dit(one: Thing, _name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of a named place."""
    return {"nom": named(one)}


def subdivision(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a tax subdivision, with the parcel that the lot ties it to."""
    parcel = reading.parcels.get(reading.known.parcel_of.get(one.rid, ""))
    return {"parcelle": parcel, "lettre": text(one.fields.get("TEX"))}


VALUES: dict[str, Callable[[Thing, str, Reading], dict[str, Any]]] = {
    "communes": commune,
    "sections": section,
    "feuilles": feuille,
    "parcelles": parcelle,
    "batiments": batiment,
    "lieux_dits": lieu_dit,
    "subdivisions_fiscales": subdivision,
}


def named(one: Thing) -> str | None:
    """Return the name that the lot cuts into TEX, TEX2 … TEX10."""
    return text(" ".join(part for part in (text(one.fields.get(name)) for name in NAMES) if part))


def whole(value: object) -> int | None:
    """Return a number of square metres, or None where there is none."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return round(number) if 0 <= number < 2**31 else None
