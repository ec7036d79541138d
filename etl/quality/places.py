"""Rules on where objects lie: over one another, apart, out of their sheet, section or commune. Pure; metres."""

from collections.abc import Iterator

import numpy as np
import shapely

from catalog.rules import Rule
from etl.quality.sheet import Found, Layer, Sheet, metres


def overlaps(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find objects that share more ground than the threshold; those that are one are `doublon`."""
    one, other = layer.meeting
    crossing = ~shapely.touches(layer.shapes[one], layer.shapes[other])
    one, other = one[crossing], other[crossing]
    shared = shapely.intersection(layer.shapes[one], layer.shapes[other])
    areas = shapely.area(shared)
    over = np.flatnonzero(areas > (rule.threshold or 0))
    same = np.asarray(shapely.equals(layer.shapes[one[over]], layer.shapes[other[over]]), dtype=bool)
    for place in over[~same]:
        words = f"({layer.rows[one[place]].id}, sur {metres(areas[place])} m²)"
        yield Found(layer.rows[other[place]].id, shared[place], words)


def gaps(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find holes between parcels that are narrower than the threshold: roads are wider, and open."""
    holes = [ring for part in shapely.get_parts(shapely.union_all(layer.shapes)) for ring in part.interiors]
    for hole in map(shapely.Polygon, holes):
        narrow = 2 * hole.area / hole.length < (rule.threshold or 0)
        if narrow and len(layer.tree.query(hole, predicate="intersects")) > 1:  # a hole in one parcel is its own affair
            yield Found(None, hole, f"({metres(hole.area)} m²)")


def out_of_sheet(sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find objects that lie farther from their sheet than the threshold."""
    ground = sheet.ground("feuilles")
    if ground is None or not layer.rows:
        return
    shapely.prepare(ground)
    far = shapely.distance(ground, layer.shapes)
    yield from layer.at(np.flatnonzero(far > (rule.threshold or 0)), lambda place: f"({metres(far[place])} m)")


def beyond(sheet: Sheet, layer: Layer, rule: Rule, dataset: str) -> Iterator[Found]:
    """Find objects of which more than the threshold lies out of the ground of another dataset."""
    ground = sheet.ground(dataset)
    if ground is None or not layer.rows:
        return
    shapely.prepare(ground)
    for place in np.flatnonzero(~np.asarray(shapely.covers(ground, layer.shapes))):  # prepared: it is asked first
        out = shapely.difference(layer.shapes[place], ground)
        if out.area > (rule.threshold or 0):
            yield Found(layer.rows[place].id, out, f"(sur {metres(out.area)} m²)")


def out_of_commune(sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find objects that go beyond the limits of their commune, as the sheet draws them."""
    return beyond(sheet, layer, rule, "communes")


def out_of_section(sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find sheets that go beyond their section."""
    return beyond(sheet, layer, rule, "sections")
