"""Read the layers that Etalab publishes as GeoJSON: the fallback where no EDIGEO sheet is held."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import shapely

from catalog.errors import DeliveryError
from etl import confinement, parts, vector
from etl.child import LENGTHS, pack
from etl.deliveries import Lot
from etl.elsewhere import refuse_elsewhere
from etl.etalab_layouts import INSEE, LAYOUTS, LEFT_OUT
from etl.geometry import DEGREES, check_polygon, from_wkb, transformed, usable_crs, within
from etl.rows import Row
from etl.sources import OTHER_DEPARTEMENT, NothingHere, Options, Tools, undated

NAMED = re.compile(rf"(?<![0-9A-Z])({INSEE})(?![0-9A-Z])")
DEPARTEMENT = re.compile(r"(?<![0-9A-Z])(97\d|\d\d|2[AB])(?=-)")
LAYER = re.compile(rf"(?<![a-z_])({'|'.join((*LAYOUTS, *LEFT_OUT))})(?![a-z_])")
FIRST = re.compile(rb'"id"\s*:\s*"((?:\d\d|2[AB])\d{3})\d{3}[0-9A-Z]{2}\d{4}"')
HEAD_BYTES = 2**18
RAW = "pci-"  # the objects of EDIGEO as they are, which Etalab publishes too
WGS84 = "EPSG:4326"
DRIVERS = ("GeoJSON",)
LONG = confinement.Limits(seconds=1800)  # a layer of a département: GDAL reads it as it goes


class LayerSource:
    """An Etalab file as a source of rows: one layer of a commune, or of a whole département."""

    def __init__(self, lot: Lot, options: Options) -> None:
        self.lot, self.options = lot, options
        self.driver = "" if lot.part else vector.driver(lot, DRIVERS)
        self.layer = find_layer(lot)
        self.territory = find_territory(lot)
        if options.departement and not self.territory.startswith(options.departement):
            raise DeliveryError(
                f"{self.territory} {OTHER_DEPARTEMENT.format(options.departement)}",
                file=lot.name,
            )
        refuse_elsewhere(self.territory, lot.name)
        commune = self.territory if re.fullmatch(INSEE, self.territory) else None
        self.unit = undated(unit_name(self.territory, self.layer), lot, commune, options)
        self.unit.part = lot.part
        self.numbers: Counter[str] = Counter()

    def rows(self, tools: Tools) -> list[Row]:
        """Read the file and return its objects; the others are counted in the unit."""
        said, found = self.read()
        crs = self.options.crs or said or WGS84
        flat = from_wkb([body for _, body in found])
        if crs in (WGS84, "OGC:CRS84"):
            refuse_metres(flat, self.lot)
        count = self.unit.count(self.layer)
        made: dict[str, Row] = {}
        for (fields, _), geometry in zip(found, transformed(flat, usable_crs(crs)), strict=True):
            count.read += 1
            name, commune = self.identify(fields)
            checked = check_polygon(geometry, tools.repair)
            fault = self.wrong(name, commune, name in made)
            if fault or checked.geometry is None:
                self.unit.reject(self.layer, name or None, fault or checked.fault or "")
                continue
            count.repaired += checked.repaired
            count.loaded += 1
            made[name] = Row(self.layer, name, commune, LAYOUTS[self.layer].values(name, fields), checked.geometry)
        return list(made.values())

    def read(self) -> tuple[str | None, list[tuple[Mapping[str, Any], bytes]]]:
        """Return the system of coordinates that the file says, and its objects."""
        if self.lot.part:
            records = list(recorded(self.lot))
            return records[0][0]["crs"], [(head["fields"], body) for head, body in records]
        layer = vector.read(self.lot, self.driver)[0]
        vector.refuse_empty([layer], self.lot)
        if LAYOUTS[self.layer].identifier and "id" not in layer.fields:
            words = "pas une couche d'Etalab (aucun champ « id ») : chargez celle de cadastre.data.gouv.fr, ou l'EDIGEO"
            raise DeliveryError(words, file=self.lot.name)
        return layer.crs, [(fields, body) for _, fields, body in layer.rows]

    def identify(self, fields: Mapping[str, Any]) -> tuple[str, str]:
        """Return the identifier and the commune of an object; one that has none is numbered in its commune."""
        if LAYOUTS[self.layer].identifier:
            name = str(fields.get("id") or "")
            return name, name[:5]
        commune = home(fields) or self.unit.commune or ""
        self.numbers[commune] += 1
        return f"{commune}-etalab-{self.numbers[commune]}", commune

    def wrong(self, name: str, commune: str, double: bool) -> str | None:
        """Return what is wrong with the identifier or the commune of an object."""
        expected = LAYOUTS[self.layer].identifier
        if expected and not expected.fullmatch(name):
            return "identifiant absent ou incorrect"
        if not re.fullmatch(INSEE, commune):
            return "commune absente ou incorrecte"
        if not commune.startswith(self.territory):
            place = "de la commune" if self.unit.commune else "du département"
            return f"hors {place} du fichier ({self.territory})"
        return "identifiant en double dans le fichier" if double else None


def home(fields: Mapping[str, Any]) -> str:
    """Return the commune that an object says it is of, or its parcel or itself: fiscal subdivisions say no commune."""
    return str(fields.get("commune") or str(fields.get("parcelle") or fields.get("id") or "")[:5])


def split(lot: Lot, alive: Callable[[], object]) -> list[Lot]:
    """Return a layer of a département cut by commune, what lies in none of its communes last; other lots as they are.

    Raises DeliveryError where the file cannot be read.
    """
    layer, territory = find_layer(lot), find_territory(lot)
    if re.fullmatch(INSEE, territory):
        return [lot]
    cut, crs = parts.Cut(lot, alive), None
    task = {"task": "vector", "path": str(lot.path), "drivers": [vector.driver(lot, DRIVERS)]}
    for head, body in confinement.read(confinement.Job(task, lot.folder, LONG)):
        crs = head["crs"] if head["kind"] == "layer" else crs
        if head["kind"] == "row":
            fields = head["fields"]
            commune = str(fields.get("id") or "")[:5] if LAYOUTS[layer].identifier else home(fields)
            known = re.fullmatch(INSEE, commune) and commune.startswith(territory)
            cut.put(commune if known else territory, pack({"fields": fields, "crs": crs}, body))
    return cut.lots()


def recorded(lot: Lot) -> Iterator[tuple[Mapping[str, Any], bytes]]:
    """Yield the records of a part."""
    with lot.path.open("rb") as file:
        while lengths := file.read(LENGTHS.size):
            head, body = LENGTHS.unpack(lengths)
            yield json.loads(file.read(head)), file.read(body)


def unit_name(territory: str, layer: str) -> str:
    """Return the name of what a file is."""
    return f"etalab-{territory}" if layer == "parcelles" else f"etalab-{territory}-{layer}"


def find_layer(lot: Lot) -> str:
    """Return the layer that a file is named after, parcels by default.

    Raises NothingHere for one left out, DeliveryError for a raw one.
    """
    if lot.path.name.lower().startswith(RAW):
        words = "produit brut d'Etalab (pci-…)"
        raise DeliveryError(f"{words} : chargez la couche « cadastre-… », ou l'EDIGEO dont il vient", file=lot.name)
    found = LAYER.findall(lot.path.name.lower())
    layer = str(found[-1]) if found else "parcelles"
    if layer in LEFT_OUT:
        raise NothingHere(f"{layer} : couche laissée de côté, les sections disent déjà leur préfixe", file=lot.name)
    return layer


def find_territory(lot: Lot) -> str:
    """Return the commune or the département of a file, by its name or its first parcel."""
    name = lot.path.name.upper()
    if found := NAMED.findall(name):
        return str(found[0])
    if LAYER.search(name.lower()) and (found := DEPARTEMENT.findall(name)):
        return str(found[0])
    with lot.path.open("rb") as file:
        first = FIRST.search(file.read(HEAD_BYTES))
    if first is None:
        raise NothingHere(
            "aucune parcelle d'Etalab reconnue (id de 14 caractères) : chargez le fichier de cadastre.data.gouv.fr",
            file=lot.name,
        )
    return first[1].decode()


def refuse_metres(geometries: shapely.Geometry, lot: Lot) -> None:
    """Raise DeliveryError where coordinates said to be degrees are not, of most objects: a few are but rejected."""
    placed = [one for one in geometries if one is not None and not one.is_empty]
    far = [one for one in placed if not within(one, DEGREES)]
    if 2 * len(far) > len(placed):
        x, y = shapely.get_coordinates(far[0])[0]
        raise DeliveryError(
            f"coordonnées en mètres ({x:.0f}, {y:.0f}) dans un GeoJSON, où l'on attend des degrés : "
            "indiquez le système de coordonnées par --crs",
            file=lot.name,
        )
