"""Rows → a layer of a file that GDAL writes, with the types of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy
import pyogrio.raw

EMPTY = {"integer": 0, "boolean": False}
NUMPY = {"text": object, "integer": "int32", "double precision": "float64", "date": "datetime64[D]", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer is: its name, its kind of geometry, its columns with their types, its system (EPSG code)."""

    name: str
    geometry: str
    columns: Mapping[str, str] = field(hash=False)
    srid: int


def write_layer(
    target: Path | BytesIO,
    driver: str,
    layer: Layer,
    rows: Sequence[Sequence[Any]],
    options: Mapping[str, str] | None = None,
    append: bool = False,
) -> None:
    """Write rows, of which each is a value for each column, then the geometry as WKB, x before y; days may be text."""
    values = list(zip(*rows, strict=True)) or [()] * (len(layer.columns) + 1)
    data, masks = zip(*map(array, values[:-1], layer.columns.values()), strict=True)
    pyogrio.raw.write(
        str(target) if isinstance(target, Path) else target,
        geometry=numpy.array(values[-1], dtype=object),
        field_data=list(data),
        fields=list(layer.columns),
        field_mask=list(masks),
        layer=layer.name,
        driver=driver,
        geometry_type=layer.geometry,
        crs=f"EPSG:{layer.srid}",
        append=append,
        layer_options=dict(options) if options else None,
    )


def array(values: Sequence[Any], kind: str) -> tuple[numpy.ndarray, numpy.ndarray | None]:
    """Return a column as numpy keeps it, and where it is null for the types that have no null of their own."""
    if kind not in EMPTY:
        return numpy.array(values, dtype=NUMPY[kind]), None
    mask = numpy.array([value is None for value in values], dtype=bool)
    return numpy.array([EMPTY[kind] if value is None else value for value in values], dtype=NUMPY[kind]), mask
