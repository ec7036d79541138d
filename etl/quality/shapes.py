"""Rules on the form of each object: slivers, spikes, doubled vertices, tiny holes, doubles. Pure; metres."""

from collections.abc import Iterator

import numpy as np
import shapely

from catalog.rules import Rule
from etl.quality.sheet import Found, Layer, Sheet, metres

SHORTEST = 0.5  # metres: both sides of a spike are longer


def tiny(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find surfaces smaller than the threshold."""
    areas = layer.areas
    return layer.at(np.flatnonzero(areas < (rule.threshold or 0)), lambda place: f"({metres(areas[place])} m²)")


def thin(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find surfaces narrower, from end to end, than the threshold."""
    widths = 2 * layer.areas / np.maximum(shapely.length(layer.shapes), 1e-9)
    return layer.at(
        np.flatnonzero(widths < (rule.threshold or 0)), lambda place: f"({metres(widths[place])} m de large)"
    )


def corners(layer: Layer) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the vertices of all rings, their owners, and the steps to each from the last and from each to the next."""
    rings, owners = layer.rings
    points, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    last = np.append(first[1:], len(ring)) - 1  # repeats the first
    before, after = np.arange(len(ring)) - 1, np.arange(len(ring)) + 1
    before[first] = last - 1
    keep = np.ones(len(ring), dtype=bool)
    keep[last] = False
    keep = np.flatnonzero(keep)
    return points[keep], owners[ring[keep]], points[keep] - points[before[keep]], points[after[keep]] - points[keep]


def spikes(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find vertices at which an outline all but turns back."""
    points, owners, come, go = corners(layer)
    long = np.minimum(np.hypot(*come.T), np.hypot(*go.T)) > SHORTEST
    cross, dot = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0], (come * go).sum(axis=1)
    angles = 180 - np.degrees(np.abs(np.arctan2(cross, dot)))
    for one in np.flatnonzero(long & (angles < (rule.threshold or 0))):
        yield Found(layer.rows[owners[one]].id, shapely.Point(points[one]), f"({metres(angles[one])}°)")


def doubled_vertices(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find vertices that are one with the next."""
    points, owners, _, go = corners(layer)
    close = np.flatnonzero(np.hypot(*go.T) < (rule.threshold or 0))
    for owner in np.unique(owners[close]):
        own = points[close[owners[close] == owner]]
        yield Found(layer.rows[owner].id, shapely.Point(own[0]), f"({len(own)} fois)")


def tiny_holes(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find holes smaller than the threshold."""
    parts, owners = shapely.get_parts(layer.shapes, return_index=True)
    pierced = np.flatnonzero(shapely.get_num_interior_rings(parts))
    for part in pierced:
        for hole in shapely.get_rings(parts[part])[1:]:
            ground = shapely.Polygon(hole)
            if ground.area < (rule.threshold or 0):
                yield Found(layer.rows[owners[part]].id, ground, f"({metres(ground.area)} m²)")


def doubles(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find objects that lie exactly where another lies: the later of the two is named."""
    known: dict[bytes, int] = {}
    for place, shape in enumerate(shapely.to_wkb(shapely.normalize(layer.shapes))):
        first = known.setdefault(shape, place)
        if first != place:
            yield from layer.at([place], lambda _, first=first: f"({layer.rows[first].id})")


def repaired(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find objects whose outline had to be repaired."""
    return layer.at(
        [place for place, row in enumerate(layer.rows) if row.repair],
        lambda place: f"({layer.rows[place].repair.fault})",  # type: ignore[union-attr]
    )


def rejected(sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find objects of the dataset that were not loaded."""
    for dataset, obj, reason in sheet.rejects:
        if dataset == layer.dataset:
            yield Found(obj, None, f"({reason})")
