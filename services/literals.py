"""Dates and geometries as CQL2 JSON writes them; what is wrong or too large raises BadRequest."""

import math
from datetime import date
from typing import Any

import shapely
from shapely.errors import ShapelyError

from services.columns import day
from services.cql2 import Malformed
from services.crs import FARTHEST, Crs, area, projected

MAX_VERTICES = 5000


def instant(node: Any) -> date:
    """Return the day of a date or timestamp. Raises BadRequest."""
    text = node.get("date", node.get("timestamp")) if isinstance(node, dict) else node
    if not isinstance(text, str):
        raise Malformed
    return day(text)


def moments(node: Any) -> tuple[date, date]:
    """Return first and last day of a moment or an interval; `..` is open. Raises BadRequest."""
    if not isinstance(node, dict) or "interval" not in node:
        return instant(node), instant(node)
    ends = node["interval"]
    if not isinstance(ends, list) or len(ends) != 2:
        raise Malformed
    start, stop = ends
    first = date.min if start == ".." else instant(start)
    last = date.max if stop == ".." else instant(stop)
    if first > last:
        raise Malformed
    return first, last


def read_shape(node: Any, crs: Crs, srid: int) -> shapely.Geometry:
    """Read a GeoJSON geometry or a box in `crs` as a geometry in the system of a table. Raises Malformed."""
    try:
        return box(node["bbox"], crs, srid) if "bbox" in node else geometry(node, crs, srid)
    except (ShapelyError, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise Malformed from error


def box(numbers: Any, crs: Crs, srid: int) -> shapely.Geometry:
    """Read a box."""
    west, south, east, north = (float(each) for each in numbers)
    if not all(map(math.isfinite, (west, south, east, north))):
        raise Malformed
    return area((west, south, east, north), crs, srid)


def geometry(node: Any, crs: Crs, srid: int) -> shapely.Geometry:
    """Read a geometry: one that is valid, finite and no collection."""
    shape = shapely.force_2d(shapely.geometry.shape(node))
    coordinates = shapely.get_coordinates(shape)
    plain = shape.geom_type != "GeometryCollection" and 0 < len(coordinates) <= MAX_VERTICES
    if not plain or not shape.is_valid or not (abs(coordinates) < FARTHEST).all():
        raise Malformed
    if crs.flipped:
        shape = shapely.transform(shape, lambda points: points[:, ::-1])
    return projected(shape, crs.srid, srid)
