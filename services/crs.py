"""The coordinate reference systems that are spoken here, and boxes in them → areas in the system of the tables."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from pyproj import Transformer

from catalog.errors import BadRequest
from catalog.territories import installation

Box = tuple[float, float, float, float]

OGC = "http://www.opengis.net/def/crs"
DEGREES, METRES = 8, 3  # decimals: a millimetre, in both

FARTHEST = 1e9  # beyond any place, in metres or degrees, and far from what overflows
SEGMENTS = 32  # a side of a box becomes so many chords: under a millimetre of sagitta at 600 m


@dataclass(frozen=True, slots=True)
class Crs:
    """A system by its URI; `flipped` where its first axis is the latitude."""

    uri: str
    srid: int
    flipped: bool = False
    decimals: int = METRES


CRS84 = Crs(f"{OGC}/OGC/1.3/CRS84", 4326, decimals=DEGREES)
SYSTEMS = {
    crs.uri: crs
    for crs in (
        CRS84,
        Crs(f"{OGC}/EPSG/0/4326", 4326, flipped=True, decimals=DEGREES),
        Crs(f"{OGC}/EPSG/0/3857", 3857),
        Crs(f"{OGC}/EPSG/0/2154", 2154),
        Crs(f"{OGC}/EPSG/0/3947", 3947),
    )
}
URIS = tuple(SYSTEMS)


def own_uri() -> str:
    """Return the URI of the installation's own system."""
    return f"{OGC}/EPSG/0/{installation().srid}"


@cache
def systems() -> dict[str, Crs]:
    """Return the systems that are spoken in this installation, by URI."""
    if own_uri() in SYSTEMS:
        return SYSTEMS
    everywhere = {uri: crs for uri, crs in SYSTEMS.items() if crs.srid in (4326, 3857)}
    return everywhere | {own_uri(): Crs(own_uri(), installation().srid)}


def system(uri: str, parameter: str) -> Crs:
    """Return a system by its URI. Raises BadRequest."""
    if uri not in systems():
        raise BadRequest("Ce système de coordonnées n'est pas proposé.", parameter)
    return systems()[uri]


@cache
def transformer(source: int, target: int) -> Transformer:
    """Return the transformation between two EPSG codes, x before y: making one takes 10 ms."""
    return Transformer.from_crs(source, target, always_xy=True)


@cache
def domain(srid: int) -> Box:
    """Return the bounds, in a system, of the ground around the installation: a box is cut there to be projected."""
    box = installation().degrees
    return box if srid == 4326 else transformer(4326, srid).transform_bounds(*box, densify_pts=SEGMENTS)


def area(box: Box, crs: Crs, srid: int) -> shapely.Geometry:
    """Return the area of a box given in `crs`, in the system of a table: exactly that box, with its curved sides."""
    if crs.flipped:
        box = (box[1], box[0], box[3], box[2])
    west, south, east, north = (max(-FARTHEST, min(number, FARTHEST)) for number in box)
    if west <= east:
        return projected(rectangle(west, south, east, north), crs.srid, srid)
    halves = [rectangle(west, south, 180, north), rectangle(-180, south, east, north)]  # across the antimeridian
    return shapely.union_all([projected(half, crs.srid, srid) for half in halves])


def rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Return a box as a polygon; one without width or height as the line or the point that it is."""
    if west < east and south < north:
        return shapely.box(west, south, east, north)
    return (
        shapely.Point(west, south)
        if (west, south) == (east, north)
        else shapely.LineString([(west, south), (east, north)])
    )


def projected(shape: shapely.Geometry, source: int, target: int) -> shapely.Geometry:
    """Return a shape in another system, cut to the domain; of what a parameter says, nothing is then infinite."""
    cut = shapely.intersection(shape, shapely.box(*domain(source)))
    if source == target or cut.is_empty:
        return cut
    west, south, east, north = cut.bounds
    longest = max(east - west, north - south)
    dense = shapely.segmentize(cut, longest / SEGMENTS) if longest > 0 else cut
    project = transformer(source, target).transform
    return shapely.transform(dense, lambda points: np.column_stack(project(points[:, 0], points[:, 1])))


def extent(box: Box, srid: int) -> list[float]:
    """Return the bounds of a box of the tables in CRS84, widened to the eighth decimal."""
    west, south, east, north = transformer(srid, 4326).transform_bounds(*box, densify_pts=SEGMENTS)
    scale = 10**DEGREES
    return [
        math.floor(west * scale) / scale,
        math.floor(south * scale) / scale,
        math.ceil(east * scale) / scale,
        math.ceil(north * scale) / scale,
    ]
