"""The files that exports make, batch by batch: no format ever has all rows in memory.

FlatGeobuf and GeoJSON cannot be added to: they are written in one stream from a GeoPackage that can.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio.raw
import shapely

from catalog.model import Dataset
from services.crs import systems
from services.encodings import ENCODINGS
from services.formatters import table
from services.layers import Layer, write_layer

DEFAULT_FORMAT = "gpkg"
FORMATS = {
    DEFAULT_FORMAT: "application/geopackage+sqlite3",
    "fgb": ENCODINGS["fgb"].media,
    "csv": ENCODINGS["csv"].media,
    "geojson": ENCODINGS["json"].media,
}
Rows = Sequence[Sequence[Any]]


@dataclass(slots=True)
class GeoPackage:
    """A file that is added to."""

    path: Path
    dataset: Dataset
    layer: Layer

    def add(self, rows: Rows, first: bool) -> None:
        """Add rows; none make an empty layer."""
        options = {"DESCRIPTION": notice(self.dataset), "GEOMETRY_NAME": "geom"} if first else None
        write_layer(self.path, "GPKG", self.layer, rows, options, append=not first)

    def end(self) -> None:
        """Nothing remains to be done."""


@dataclass(slots=True)
class Streamed:
    """A file made at the end, from a GeoPackage beside it, by a stream of Arrow batches."""

    path: Path
    driver: str
    options: dict[str, str]
    beside: GeoPackage

    def add(self, rows: Rows, first: bool) -> None:
        """Add rows to the GeoPackage."""
        self.beside.add(rows, first)

    def end(self) -> None:
        """Make the file."""
        with pyogrio.raw.open_arrow(str(self.beside.path), use_pyarrow=False) as (about, stream):
            pyogrio.raw.write_arrow(
                stream,
                str(self.path),
                driver=self.driver,
                layer=self.beside.layer.name,
                geometry_name=about["geometry_name"],
                geometry_type=about["geometry_type"],
                crs=about["crs"],
                layer_options=self.options,
            )


@dataclass(slots=True)
class Csv:
    """Lines, as the door of items writes them."""

    path: Path
    layer: Layer
    decimals: int

    def add(self, rows: Rows, first: bool) -> None:
        """Add lines, after the names of the columns."""
        head = [[*self.layer.columns, table.GEOMETRY]] if first else []
        with self.path.open("ab") as file:
            file.write(table.lines([*head, *map(self.line, rows)]))

    def line(self, row: Sequence[Any]) -> list[Any]:
        """Return a row whose days and geometry are text."""
        *values, wkb = row
        kinds = self.layer.columns.values()
        texts = [str(v) if kind == "date" and v is not None else v for v, kind in zip(values, kinds, strict=True)]
        return [*texts, shapely.to_wkt(shapely.from_wkb(wkb), rounding_precision=self.decimals)]

    def end(self) -> None:
        """Nothing remains to be done."""


def writer(form: str, dataset: Dataset, groups: tuple[str, ...], srid: int, path: Path) -> GeoPackage | Streamed | Csv:
    """Return what writes a file of a format."""
    layer = Layer(dataset.id, dataset.geometry, {"id": "text", **dataset.columns(groups)}, srid)
    decimals = decimals_of(srid)
    if form == "csv":
        return Csv(path, layer, decimals)
    if form == "gpkg":
        return GeoPackage(path, dataset, layer)
    beside = GeoPackage(path.with_suffix(".gpkg"), dataset, layer)
    if form == "fgb":
        return Streamed(path, "FlatGeobuf", {"SPATIAL_INDEX": "YES"}, beside)
    return Streamed(path, "GeoJSON", {"ID_FIELD": "id", "COORDINATE_PRECISION": str(decimals)}, beside)


def decimals_of(srid: int) -> int:
    """Return the decimals of a millimetre in a system."""
    return next(crs.decimals for crs in systems().values() if crs.srid == srid)


def notice(dataset: Dataset) -> str:
    """Return where a dataset comes from, and under which licence."""
    return " — ".join(filter(None, (dataset.title, dataset.source.attribution, dataset.source.licence)))
