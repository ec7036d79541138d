"""Cutting a polygon in two along a chord between two of its vertices, so that neighbours gain no vertex."""

from itertools import combinations

from shapely import LineString, Polygon


def cut_in_two(polygon: Polygon) -> tuple[Polygon, ...]:
    """Return two parts of about the same area that share all vertices with the whole, or nothing if none does."""
    if polygon.interiors:
        return ()
    ring = list(polygon.exterior.coords)[:-1]
    candidates = (_parts(ring, i, j) for i, j in combinations(range(len(ring)), 2) if 1 < j - i < len(ring) - 1)
    usable = [parts for parts in candidates if _clean(polygon, parts)]
    return min(usable, key=lambda parts: abs(parts[0].area - parts[1].area), default=())


def _parts(ring: list[tuple[float, float]], i: int, j: int) -> tuple[Polygon, Polygon]:
    return Polygon(ring[i : j + 1]), Polygon([*ring[j:], *ring[: i + 1]])


def _clean(whole: Polygon, parts: tuple[Polygon, Polygon]) -> bool:
    if not all(part.is_valid and part.area > 0.1 * whole.area for part in parts):
        return False
    chord = LineString([parts[0].exterior.coords[0], parts[0].exterior.coords[-2]])
    return whole.covers(chord) and chord.intersection(whole.exterior).length == 0
