"""The systems of coordinates of an installation: its own, in which things are known, and those that it serves."""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import shapely
from pyproj import Transformer

from catalog.territories import LAMBERT_93, installation

OGC = "http://www.opengis.net/def/crs/"
CRS84 = f"{OGC}OGC/1.3/CRS84"
WEB = 3857
FURTHER = {LAMBERT_93: (3947,)}  # systems of a part of a territory


def srid() -> int:
    """Return the EPSG code of the installation's own system, in metres."""
    return installation().srid


def uri(code: int) -> str:
    """Return how services name a system."""
    return f"{OGC}EPSG/0/{code}"


def systems() -> Mapping[str, tuple[int, bool]]:
    """Return systems that are served: EPSG code, and whether the first axis goes north."""
    codes = (WEB, srid(), *FURTHER.get(srid(), ()))
    return {CRS84: (4326, False), uri(4326): (4326, True)} | {uri(code): (code, False) for code in codes}


@cache
def transformer(source: int, target: int) -> Transformer:
    """Return the transformation between two EPSG codes, x before y: making one takes 10 ms."""
    return Transformer.from_crs(source, target, always_xy=True)


def to(target: int) -> Transformer:
    """Return the transformation from the installation's system."""
    return transformer(srid(), target)


def back(source: int) -> Transformer:
    """Return the transformation into the installation's system."""
    return transformer(source, srid())


def swapped(project: Transformer) -> Callable[[np.ndarray], np.ndarray]:
    """Return what shapely applies to bring points from one system to another."""
    return lambda points: np.column_stack(project.transform(points[:, 0], points[:, 1]))


def in_metres(geometry: shapely.Geometry, source: int, flipped: bool = False) -> shapely.Geometry:
    """Return a geometry of an answer in the installation's system."""
    order = [1, 0] if flipped else [0, 1]
    same, project = source == srid(), swapped(back(source))
    change = lambda points: points[:, order] if same else project(points[:, order])  # noqa: E731
    return shapely.transform(shapely.force_2d(geometry), change)
