"""Cut what has no commune by nature along the reference partition. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from shapely import Geometry, STRtree

DIMENSIONS = {"LineString": 1, "MultiLineString": 1, "Polygon": 2, "MultiPolygon": 2}
OUTSIDE = "hors des communes tenues (leurs limites viennent des feuilles EDIGEO : chargez-les d'abord)"
HAIR = 0.05  # metres: limits are rounded to a millimetre, each by itself, and a pipe may run along them
LEAST = {1: 0.0005, 2: 0.01}  # metres, square metres: below, a piece is the rounding of a coordinate


@dataclass(frozen=True, slots=True)
class Cut:
    """The pieces of an object by commune, and what of it lies in none of those held (metres or square metres)."""

    pieces: Mapping[str, Geometry]
    outside: float


class Partition:
    """The communes' limits, ready to cut many objects."""

    def __init__(self, limits: Mapping[str, Geometry]) -> None:
        self.codes = sorted(limits)
        self.geometries = [limits[code] for code in self.codes]
        shapely.prepare(self.geometries)
        self.tree = STRtree(self.geometries)

    def cut(self, geometry: Geometry) -> Cut:
        """Cut one object: each part goes to one commune only, a part along a border to the first code."""
        dimension = DIMENSIONS[geometry.geom_type]
        if dimension == 1 and not geometry.is_simple:
            return together([self.cut_simple(segment, dimension) for segment in segments(geometry)])
        return self.cut_simple(geometry, dimension)

    def cut_simple(self, geometry: Geometry, dimension: int) -> Cut:
        """Cut an object that does not cover itself: what a line covers twice would be counted once."""
        pieces: dict[str, Geometry] = {}
        left = geometry
        for index in sorted(self.tree.query(geometry, predicate="intersects")):
            if left is geometry and shapely.covers(self.geometries[index], geometry):
                return Cut({self.codes[index]: geometry}, 0.0)
            piece = of_dimension(shapely.intersection(left, self.geometries[index]), dimension)
            if size(piece, dimension) > LEAST[dimension]:
                pieces[self.codes[index]] = piece
                left = of_dimension(shapely.difference(left, self.geometries[index]), dimension)
        if dimension == 1 and pieces:
            left = without_hairs(left, pieces)
        outside = size(left, dimension)
        return Cut(pieces, outside if outside > LEAST[dimension] else 0.0)


def without_hairs(left: Geometry, pieces: dict[str, Geometry]) -> Geometry:
    """Give each hair that lies between two limits to the nearest piece, and return the rest of what is outside."""
    rest = []
    for part in shapely.get_parts(left):
        if part.length > HAIR:
            rest.append(part)
        else:
            nearest = min(pieces, key=lambda code: (pieces[code].distance(part), code))
            joined = shapely.line_merge(shapely.MultiLineString([*shapely.get_parts(pieces[nearest]), part]))
            pieces[nearest] = of_dimension(joined, 1)
    return shapely.MultiLineString(rest)


def segments(geometry: Geometry) -> list[Geometry]:
    """Return the segments of lines, each by itself."""
    found = []
    for part in shapely.get_parts(geometry):
        points = shapely.get_coordinates(part)
        found += [shapely.MultiLineString([pair]) for pair in zip(points[:-1], points[1:], strict=True)]
    return [segment for segment in found if segment.length]


def together(cuts: list[Cut]) -> Cut:
    """Return the cuts of an object's segments as that of the object."""
    pieces: dict[str, list[Geometry]] = {}
    for cut in cuts:
        for code, piece in cut.pieces.items():
            pieces.setdefault(code, []).extend(shapely.get_parts(piece))
    whole = {code: shapely.MultiLineString(parts) for code, parts in pieces.items()}
    return Cut(whole, sum(cut.outside for cut in cuts))


def of_dimension(geometry: Geometry, dimension: int) -> Geometry:
    """Return the lines, or the polygons, of a geometry as one of several parts."""
    found = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if not part.is_empty]
    parts = [part for part in found if DIMENSIONS.get(part.geom_type) == dimension]
    return shapely.MultiLineString(parts) if dimension == 1 else shapely.MultiPolygon(parts)


def size(geometry: Geometry, dimension: int) -> float:
    """Return the length of lines, the area of polygons."""
    return float(geometry.length if dimension == 1 else geometry.area)
