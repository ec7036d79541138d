"""Buildings set down inside a parcel, square to the street as the ground bends."""

from collections.abc import Iterator
from random import Random

from shapely import Polygon, prepare

from data_samples.lattice import UNIT, Coordinate, Ground

MARGIN = 1.0  # metres kept free along the parcel's limit
YARD = 3_000  # m²: what is larger is a field


def buildings(random: Random, ground: Ground, shape: Polygon, parcel: Polygon) -> list[tuple[str, Polygon]]:
    """Return the buildings of a parcel as (type, outline): most lots have one, few fields."""
    if random.random() > (0.88 if parcel.area < YARD else 0.05):
        return []
    u0, v0, u1, v1 = shape.bounds
    width, depth = (u1 - u0) * UNIT, (v1 - v0) * UNIT
    size = (min(14, 0.62 * width) * random.uniform(0.8, 1), min(14, 0.62 * depth) * random.uniform(0.8, 1))
    centre = ((u0 + u1) / 2, v0 + (v1 - v0) * random.uniform(0.4, 0.6))
    found = list(_fitting(ground, parcel, "01", _outline(random, *size), centre))
    if found and random.random() < 0.3:
        corner = (u0 + 1.0 + 0.15 * (u1 - u0), v1 - 1.0)
        free = parcel.difference(found[0][1].buffer(0.5))
        found += _fitting(ground, free, "02", _rectangle(2.5, 2.0), corner)
    return found


def _fitting(
    ground: Ground, parcel: Polygon, kind: str, outline: list[Coordinate], centre: Coordinate
) -> Iterator[tuple[str, Polygon]]:
    """Set an outline down, made smaller until it fits; nothing where it does not."""
    room = parcel.buffer(-MARGIN)
    prepare(room)
    for scale in (1, 0.85, 0.7, 0.55):
        building = _set_down(ground, [(x * scale, y * scale) for x, y in outline], centre)
        if room.contains(building):
            yield kind, building
            return


def _set_down(ground: Ground, outline: list[Coordinate], centre: Coordinate) -> Polygon:
    x0, y0 = ground.bend(*centre)
    a, b = ground.direction(*centre)
    return Polygon([(round(x0 + x * a - y * b, 2), round(y0 + x * b + y * a, 2)) for x, y in outline])


def _rectangle(width: float, depth: float) -> list[Coordinate]:
    x, y = width / 2, depth / 2
    return [(-x, -y), (x, -y), (x, y), (-x, y)]


def _outline(random: Random, width: float, depth: float) -> list[Coordinate]:
    """Return a rectangle, or one with a corner missing."""
    if random.random() < 0.6 or min(width, depth) < 7:
        return _rectangle(width, depth)
    x, y = width / 2, depth / 2
    return [(-x, -y), (x, -y), (x, 0), (0.2 * x, 0), (0.2 * x, y), (-x, y)]
