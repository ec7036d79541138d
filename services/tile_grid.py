"""The WebMercatorQuad grid: a tile's number as it comes in an address, its bounds, its box in a dataset's own CRS."""

import math
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from pyproj import CRS, Transformer

from catalog.errors import NotFound
from catalog.territories import installation

GRID = "WebMercatorQuad"
MAX_ZOOM = 22
MERCATOR = 3857
HALF_WORLD = math.pi * 6378137
SIDE = 256  # pixels of a tile's side

Box = tuple[float, float, float, float]

# Neither a sign nor the digits of other scripts, which `int` would take.
INTEGER = re.compile(r"(?:0|[1-9][0-9]{0,7})\Z")


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile that exists in the grid: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def pixel(self) -> float:
        """Metres on the ground of one pixel of the tile."""
        return ground() * 2 * HALF_WORLD / SIDE / 2**self.z

    def bounds(self, margin: float = 0) -> Box:
        """Return the tile's bounds in EPSG:3857, widened by a fraction of its side."""
        side = 2 * HALF_WORLD / 2**self.z
        west, north = self.x * side - HALF_WORLD, HALF_WORLD - self.y * side
        more = margin * side
        return west - more, north - side - more, west + side + more, north + more

    def box(self, srid: int, margin: float = 0) -> Box | None:
        """Return a box in `srid` that holds the tile, or None where the tile is outside that system's area."""
        west, south, east, north = self.bounds(margin)
        left, bottom, right, top = area(srid)
        clipped = max(west, left), max(south, bottom), min(east, right), min(north, top)
        if clipped[0] >= clipped[2] or clipped[1] >= clipped[3]:
            return None
        return transformer(MERCATOR, srid).transform_bounds(*clipped, densify_pts=21)

    def affinity(self, srid: int) -> dict[str, float]:
        """Return the affinity that stands for the way from `srid` to EPSG:3857 within the tile, as ST_Affine names it.

        It is fitted to the tile, and a third of the time of a transformation. From zoom 14 on it is within 0.3 of the
        4,096 steps of a vector tile's side everywhere, half of what rounding to those steps does; each zoom halves it.
        """
        west, south, east, north = self.bounds()
        x, y = (side.ravel() for side in np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9)))
        right, up = transformer(MERCATOR, srid).transform(x, y)
        middle, height = right.mean(), up.mean()
        columns = np.column_stack([right - middle, up - height, np.ones_like(x)])
        (a, d), (b, e), (x0, y0) = np.linalg.lstsq(columns, np.column_stack([x, y]), rcond=None)[0].tolist()
        return {
            "a": a, "b": b, "d": d, "e": e,
            "xoff": x0 - a * middle - b * height, "yoff": y0 - d * middle - e * height,
        }  # fmt: skip


def ground() -> float:
    """Return the metres on the ground for one of Mercator's, to a tenth, in the middle of the installation."""
    _, south, _, north = installation().degrees
    return round(math.cos(math.radians((south + north) / 2)), 1)


def tile(grid: str, z: str, row: str, column: str) -> Tile:
    """Read a tile's number from its address. Raises NotFound: an address outside the grid is no resource."""
    numbers = (z, row, column)
    if grid != GRID or not all(INTEGER.match(number) for number in numbers):
        raise NotFound
    zoom, y, x = map(int, numbers)
    if zoom > MAX_ZOOM or max(x, y) >= 2**zoom:
        raise NotFound
    return Tile(zoom, x, y)


@cache
def transformer(source: int, target: int) -> Transformer:
    """Return the transformation from one EPSG code to another, easting first; making one costs milliseconds."""
    return Transformer.from_crs(source, target, always_xy=True)


@cache
def area(srid: int) -> Box:
    """Return the area of use of a system in EPSG:3857: outside of it a transformation has no meaning."""
    use = CRS.from_epsg(srid).area_of_use
    return transformer(4326, MERCATOR).transform_bounds(use.west, use.south, use.east, use.north)
