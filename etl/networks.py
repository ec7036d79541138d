"""Read a network's pipes by a declared mapping, and cut them along the communes."""

import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pyproj
import shapely

from catalog.errors import DeliveryError
from catalog.loader import datasets
from etl import vector
from etl.cutting import OUTSIDE, Partition
from etl.deliveries import Lot
from etl.geometry import check_line, from_wkb, transformed, usable_crs
from etl.rows import Row, slug, text
from etl.sources import NothingHere, Options, Tools, undated

DRIVERS = ("GPKG", "ESRI Shapefile")
ID_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Columns:
    """How the columns of a kind of network are named where it comes from."""

    dataset: str
    layers: tuple[str, ...]
    void: tuple[int, ...]
    columns: Mapping[str, tuple[str, ...]]


@cache
def mapping(kind: str) -> Columns:
    """Return the mapping of a kind, kept in `mappings/<kind>.toml`."""
    content = tomllib.loads(files("etl").joinpath("mappings", f"{kind}.toml").read_text("utf-8"))
    columns = {name: tuple(names) for name, names in content["columns"].items()}
    return Columns(content["dataset"], tuple(content["layers"]), tuple(content["void"]), columns)


class NetworkSource:
    """A GeoPackage or a Shapefile of pipes as a source of rows, one a commune's piece."""

    def __init__(self, lot: Lot, options: Options, kind: str) -> None:
        self.lot, self.options = lot, options
        self.mapping = mapping(kind)
        self.driver = vector.driver(lot, DRIVERS)
        self.seen: set[str] = set()
        self.unit = undated(slug(lot.path.stem), lot, None, options)

    def rows(self, tools: Tools) -> list[Row]:
        """Read the file and return the pieces of its pipes; the other objects are counted in the unit."""
        found = vector.read(self.lot, self.driver, self.options.encoding)
        identified = [layer for layer in found if self.identified(layer)]
        named = [layer for layer in identified if layer.name.casefold() in self.mapping.layers]
        if not identified:
            expected = ", ".join(self.mapping.columns["objet"])
            raise NothingHere(f"aucune couche de canalisations (identifiant attendu : {expected})", file=self.lot.name)
        vector.refuse_empty(named or identified, self.lot)
        return [row for layer in named or identified for row in self.layer_rows(layer, tools)]

    def identified(self, layer: vector.Layer) -> bool:
        """True for a layer that has the column of a pipe's identifier."""
        return any(name.casefold() in self.mapping.columns["objet"] for name in layer.fields)

    def layer_rows(self, layer: vector.Layer, tools: Tools) -> Iterator[Row]:
        """Yield the rows of a layer."""
        geometries = transformed(from_wkb([body for _, _, body in layer.rows]), self.crs(layer))
        partition = Partition(tools.limits(bounds(geometries)))
        read = reader(self.mapping, layer)
        for (fid, fields, _), geometry in zip(layer.rows, geometries, strict=True):
            self.unit.count(self.mapping.dataset).read += 1
            values = read(fields)
            yield from self.object_rows(values, fid, geometry, partition)

    def crs(self, layer: vector.Layer) -> pyproj.CRS:
        """Return the system of coordinates that is asked for, or that the file says."""
        try:
            return usable_crs(self.options.crs or layer.crs)
        except DeliveryError as error:
            raise DeliveryError(error.reason, file=self.lot.name, obj=layer.name) from error

    def object_rows(
        self, values: dict[str, Any], fid: int, geometry: shapely.Geometry | None, partition: Partition
    ) -> Iterator[Row]:
        """Yield the rows of one pipe, one a commune, or reject it."""
        dataset, name, counts = self.mapping.dataset, values["objet"], self.unit.count(self.mapping.dataset)
        checked = check_line(geometry)
        fault = wrong(name, self.seen) or checked.fault
        cut = partition.cut(checked.geometry) if not fault and checked.geometry is not None else None
        if cut is None or not cut.pieces:
            self.unit.reject(dataset, name or f"ligne {fid}", fault or OUTSIDE)
            return
        self.seen.add(name)
        if cut.outside:
            self.unit.notices.append(f"{name} : {cut.outside:.2f} m hors des communes tenues, non repris")
        counts.loaded += 1
        counts.pieces += len(cut.pieces)
        for commune, piece in cut.pieces.items():
            yield Row(dataset, f"{name}.{commune}", commune, values, piece)


def wrong(name: str | None, seen: set[str]) -> str | None:
    """Return what is wrong with an identifier."""
    if not name:
        return "identifiant absent"
    if len(name) > ID_LENGTH:
        return "identifiant trop long"
    return "identifiant en double dans le fichier" if name in seen else None


def bounds(geometries: np.ndarray) -> tuple[float, float, float, float]:
    """Return the box of what has numbers for coordinates."""
    boxes = shapely.bounds(geometries)
    boxes = boxes[np.isfinite(boxes).all(axis=1)] if len(boxes) else boxes
    if not len(boxes):
        return 0.0, 0.0, 0.0, 0.0
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def reader(known: Columns, layer: vector.Layer) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what turns the fields of this layer into our columns, each in its type."""
    types = datasets()[known.dataset].columns(tuple(datasets()[known.dataset].groups))
    named = {name.casefold(): name for name in reversed(layer.fields)}
    sources = {column: [named[name] for name in names if name in named] for column, names in known.columns.items()}

    def read(fields: Mapping[str, Any]) -> dict[str, Any]:
        convert = {"text": text, "integer": lambda value: integer(value, known.void)}
        return {column: first(convert[types[column]], fields, names) for column, names in sources.items()}

    return read


def first(convert: Callable[[object], Any], fields: Mapping[str, Any], names: list[str]) -> Any:
    """Return the first of some fields that says something."""
    return next((value for name in names if (value := convert(fields.get(name))) is not None), None)


def integer(value: object, void: tuple[int, ...]) -> int | None:
    """Return a whole number, or None where the field is empty, no number, or says that nothing is known."""
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(number) or abs(number) >= 2**31 or round(number) in void:
        return None
    return round(number)
