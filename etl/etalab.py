"""Read the parcels that Etalab publishes as GeoJSON: the fallback where no EDIGEO sheet is held."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import shapely

from catalog.errors import DeliveryError
from etl import vector
from etl.cadastre_columns import whole
from etl.deliveries import Lot
from etl.geometry import DEGREES, check_polygon, from_wkb, transformed, usable_crs, within
from etl.rows import Row
from etl.sources import NothingHere, Options, Tools, undated

NAMED = re.compile(r"(?<![0-9A-Z])((?:\d\d|2[AB])\d{3})(?![0-9A-Z])")
PARCEL = re.compile(r"(?:\d\d|2[AB])\d{6}[0-9A-Z]{2}\d{4}")
FIRST = re.compile(rb'"id"\s*:\s*"((?:\d\d|2[AB])\d{3})\d{3}[0-9A-Z]{2}\d{4}"')
HEAD_BYTES = 2**18
WGS84 = "EPSG:4326"


class ParcelSource:
    """An Etalab file of parcels as a source of rows."""

    def __init__(self, lot: Lot, options: Options) -> None:
        self.lot, self.options = lot, options
        self.driver = vector.driver(lot, ("GeoJSON",))
        commune = find_commune(lot)
        if options.departement and not commune.startswith(options.departement[:2]):
            raise DeliveryError(f"la commune {commune} n'est pas du département {options.departement}", file=lot.name)
        self.unit = undated(f"etalab-{commune}", lot, commune, options)

    def rows(self, tools: Tools) -> list[Row]:
        """Read the file and return its parcels; the others are counted in the unit."""
        layer = vector.read(self.lot, self.driver)[0]
        vector.refuse_empty([layer], self.lot)
        crs = self.options.crs or layer.crs or WGS84
        flat = from_wkb([body for _, _, body in layer.rows])
        if crs in (WGS84, "OGC:CRS84"):
            refuse_metres(flat, self.lot)
        made: dict[str, Row] = {}
        for (_, fields, _), geometry in zip(layer.rows, transformed(flat, usable_crs(crs)), strict=True):
            self.unit.count("parcelles").read += 1
            name = str(fields.get("id") or "")
            checked = check_polygon(geometry, tools.repair)
            fault = wrong(name, str(self.unit.commune), name in made)
            if fault or checked.geometry is None:
                self.unit.reject("parcelles", name or None, fault or checked.fault or "")
                continue
            self.unit.count("parcelles").repaired += checked.repaired
            self.unit.count("parcelles").loaded += 1
            made[name] = Row("parcelles", name, name[:5], values(name, fields), checked.geometry)
        return list(made.values())


def find_commune(lot: Lot) -> str:
    """Return the commune of a file, by its name or its first parcel."""
    if found := NAMED.findall(lot.path.name.upper()):
        return str(found[0])
    with lot.path.open("rb") as file:
        first = FIRST.search(file.read(HEAD_BYTES))
    if first is None:
        raise NothingHere("aucune parcelle d'Etalab reconnue (id de 14 caractères)", file=lot.name)
    return first[1].decode()


def refuse_metres(geometries: shapely.Geometry, lot: Lot) -> None:
    """Raise DeliveryError where coordinates said to be degrees are not."""
    for geometry in geometries:
        if geometry is not None and not geometry.is_empty and not within(geometry, DEGREES):
            x, y = shapely.get_coordinates(geometry)[0]
            raise DeliveryError(
                f"coordonnées en mètres ({x:.0f}, {y:.0f}) dans un GeoJSON, où l'on attend des degrés : "
                "indiquez le système de coordonnées par --crs",
                file=lot.name,
            )


def wrong(name: str, commune: str, double: bool) -> str | None:
    """Return what is wrong with the identifier of a parcel."""
    if not PARCEL.fullmatch(name):
        return "identifiant absent ou incorrect"
    if not name.startswith(commune):
        return f"hors de la commune du fichier ({commune})"
    return "identifiant en double dans le fichier" if double else None


def values(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a parcel."""
    return {
        "prefixe": name[5:8],
        "section": name[8:10],
        "numero": name[10:14],
        "contenance": whole(fields.get("contenance")),
        "arpente": bool(fields.get("arpente")),
        "creation": day(fields.get("created")),
        "mise_a_jour": day(fields.get("updated")),
    }


def day(value: object) -> date | None:
    """Return a day as Etalab writes it, or None where it says none."""
    try:
        return date.fromisoformat(str(value).replace("/", "-")[:10])
    except ValueError:
        return None
