"""The cadastre's own identifiers, and the rows that the objects of a sheet become. Pure."""

import re
from collections.abc import Iterator

from catalog.errors import DeliveryError
from catalog.loader import datasets
from catalog.territories import installation
from etl.cadastre_columns import VALUES, Reading
from etl.deliveries import Lot
from etl.edigeo import Lead, Thing, lead, lost, things
from etl.edigeo_classes import LABEL, LAYERS, ORDER, TO_PARCEL, UNKNOWN
from etl.edigeo_parts import Compared, compare
from etl.geometry import Checked, Repairer, accuracy, checked, from_wkb, sound, transformed, usable_crs
from etl.report import Unit
from etl.rows import Repair, Row
from etl.sheets import Sheet, parse_sheet, published, sheet_from_idu
from etl.sources import Options, Tools

IDU_LENGTHS = {"communes": 3, "sections": 8, "feuilles": 10, "parcelles": 12}
IDU = re.compile(r"[0-9A-Z ]+")
TOLD_ACCURACY = 0.05  # metres
LABEL_RID = re.compile(r"Attribut_(\w+)_id_Objet_(\w+)")


def find_sheet(name: str, known: Lead, departement: str | None) -> Sheet:
    """Return the sheet that a lot is, by its name or by its own text. Raises DeliveryError where they disagree."""
    sheet = parse_sheet(name)
    if sheet is None and known.sheets and departement:
        sheet = sheet_from_idu(known.sheets[0], departement)
    if sheet is None:
        raise DeliveryError("feuille inconnue : le nom ne la dit pas ; indiquez --departement", file=name)
    if departement and not sheet.commune.startswith(departement):
        raise DeliveryError(
            f"la feuille {sheet} n'est pas du département {departement} : retirez-la, ou corrigez --departement",
            file=name,
        )
    inside = {published(idu, sheet.departement) for idu in known.sheets}
    if inside and str(sheet) not in inside:
        raise DeliveryError(f"le nom dit {sheet}, le contenu {', '.join(sorted(inside))} : renommez-le", file=name)
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
        tell_of_accuracy(self.known, self.unit)
        return rows(self.sheet, self.known, things(self.lot, self.known, tools.nursery), self.unit, tools.repair)


def tell_of_accuracy(known: Lead, unit: Unit) -> None:
    """Say how far off places may be that come from an old system."""
    off = accuracy(usable_crs(known.crs)) if known.crs != f"EPSG:{installation().srid}" else 0.0
    if off is None or off >= TOLD_ACCURACY:
        words = "une précision inconnue" if off is None else f"{off:g} m près".replace(".", ",")
        unit.notices.append(f"coordonnées en {known.crs} : ramenées en EPSG:{installation().srid} à {words}")


def rows(sheet: Sheet, known: Lead, found: list[Thing], unit: Unit, repair: Repairer) -> list[Row]:
    """Return the rows of a sheet's objects; the others are counted in `unit` with the reason."""
    found = sorted(found, key=lambda one: ORDER[one.layer])
    reading = Reading(sheet, known, linked(known))
    made: dict[tuple[str, str], Row] = {}
    for one, compared in zip(found, compared_with_text(known, found), strict=True):
        dataset = LAYERS[one.layer]
        unit.count(dataset).read += 1
        name, fault = identify(one, reading)
        if not fault and (dataset, name) in made:
            fault = "identifiant en double dans la feuille"
        ready = Checked(None, fault) if fault else conform(dataset, compared, repair)
        mended = repaired(dataset, name, compared, ready) if not fault else None
        unit.repairs += [mended] if mended else []
        if ready.geometry is None:
            unit.reject(dataset, name, ready.fault or "")
            continue
        unit.count(dataset).repaired += ready.repaired
        unit.count(dataset).loaded += 1
        reading.loaded[one.rid] = name
        made[dataset, name] = Row(
            dataset, name, sheet.commune, columns(one, name, reading), ready.geometry, one.fields, mended
        )
    tell_of_lost(known, found, unit)
    tell_of_orphans(reading, unit)
    return list(made.values())


def compared_with_text(known: Lead, found: list[Thing]) -> Iterator[Compared]:
    """Yield the geometry of each object, compared with what the text says of it, in the installation's system."""
    members = known.content.members
    read = from_wkb([one.wkb for one in found])
    compared = [compare(one.rid, shape, members.get(one.rid)) for one, shape in zip(found, read, strict=True)]
    read[:] = [one.geometry for one in compared]
    read = transformed(read, usable_crs(known.crs))
    for one, geometry, kept in zip(compared, read, sound(read), strict=True):
        usual = one.fault is None and kept is not None
        yield Compared(kept if usual else geometry, one.fault, usual)


def conform(dataset: str, compared: Compared, repair: Repairer) -> Checked:
    """Return a geometry as its table takes it, or None and the fault."""
    if compared.geometry is None and compared.fault:
        return Checked(None, compared.fault)
    wanted = datasets()[dataset].geometry
    if compared.sound and compared.geometry is not None and compared.geometry.geom_type == wanted:
        return Checked(compared.geometry)
    ready = checked(wanted, compared.geometry, repair)
    return Checked(ready.geometry, ready.fault or compared.fault)


def repaired(dataset: str, name: str, compared: Compared, ready: Checked) -> Repair | None:
    """Return what became of a geometry that was wrong; None for one that was right or is not there."""
    if not ready.fault or compared.geometry is None:
        return None
    return Repair.of(dataset, name, ready.fault, compared.geometry, ready.geometry)


def columns(one: Thing, name: str, reading: Reading) -> dict[str, object]:
    """Return the columns of an object, those that its table has."""
    dataset = LAYERS[one.layer]
    filled = VALUES[dataset](one, name, reading)
    return {column: filled[column] for column in datasets()[dataset].columns() if column in filled}


def linked(known: Lead) -> dict[str, list[str]]:
    """Return the parcels that the lot ties each object to; real lots write either end of the pair first."""
    parcels = set(known.objects.get("PARCELLE_id", ()))
    found: dict[str, list[str]] = {}
    for relation, pairs in known.content.links.items():
        for one, other in pairs if relation.endswith(TO_PARCEL) else ():
            origin, parcel = (other, one) if one in parcels and other not in parcels else (one, other)
            found.setdefault(origin, []).append(parcel)
    return found


def tell_of_lost(known: Lead, found: list[Thing], unit: Unit) -> None:
    """Count what stands in the text and is not given: objects without a whole geometry, classes that none knows."""
    for layer, rid in lost(known, found):
        dataset = LAYERS.get(layer, layer)
        reason = "objet que GDAL ne rend pas : géométrie absente ou incomplète dans le lot"
        unit.count(dataset).read += 1
        unit.reject(dataset, rid, reason if layer in LAYERS else UNKNOWN)


def tell_of_orphans(reading: Reading, unit: Unit) -> None:
    """Say how many links lead to a parcel that is not loaded with this sheet."""
    orphans = sum(parcel not in reading.loaded for parcels in reading.linked.values() for parcel in parcels)
    if orphans:
        unit.notices.append(f"{orphans} lien(s) vers une parcelle que la feuille n'a pas donnée")


def identify(one: Thing, reading: Reading) -> tuple[str, str | None]:
    """Return the published identifier of an object, and what is wrong with it."""
    dataset = LAYERS[one.layer]
    if one.layer == LABEL and (label := LABEL_RID.fullmatch(one.rid)):
        return f"{reading.sheet}-{label[2]}-{label[1]}", None
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
