"""Images masked to the pixel: what is outside the visible pieces is taken out before anything is resampled.

An overview mixes neighbouring pixels, and so does a warp: a mask laid on the finished tile would let a hidden
neighbour shine through along the border. So the mask is laid on the pixels that are read. At full resolution a pixel
belongs to who holds its centre. A pixel of an overview is kept where it, and as many pixels around it as overviews
and their kernels look, hold nothing hidden: along a border that is hidden from the caller, a small scale loses a
band of some pixels, and shows no foreign one. What a lossy compression of the image itself smears over its blocks
of 16 pixels, before we read them, stays as it is: those are no pixels any more, but its noise.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
import shapely
from pyproj import Transformer
from pyproj.exceptions import ProjError
from rasterio.enums import ColorInterp
from rasterio.errors import CRSError, RasterioError
from rasterio.features import rasterize
from rasterio.transform import Affine, array_bounds, from_bounds
from rasterio.windows import Window
from rasterio.windows import from_bounds as window_of
from rio_tiler.models import ImageData

from services.tile_grid import MERCATOR, SIDE, Tile, transformer

LOGGER = logging.getLogger(__name__)

# One driver, no file beside the image, no network: an image's own bytes are all that is read.
CLOSED = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
}
DRIVER = "GTiff"

# Pixels of an overview that its neighbours may hold something of: cubic kernels reach 1.5 pixels, at each level.
REACH = 3
MAX_PIXELS = 2048  # of a side that is read of one image for one tile
OPAQUE = 255
NODES = 33  # of a tile's side that are transformed exactly
MARGIN = 1 / SIDE
SEGMENT = 50  # metres between the points of a border that goes from one system to another

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Piece:
    """The visible part of one image: its file, and its outline in the dataset's system."""

    path: Path
    outline: shapely.Geometry


def mosaic(pieces: Iterable[Piece], place: Tile, srid: int, unread: list[Path] | None = None) -> Array:
    """Return red, green, blue and alpha of a tile: the first piece of several wins; without any, nothing.

    An image that cannot be read leaves its place empty; its path is added to `unread`.
    """
    canvas = np.zeros((4, SIDE, SIDE), dtype="uint8")
    with rasterio.Env(**CLOSED):
        for piece in pieces:
            if canvas[3].all():
                break
            if not lay(canvas, piece, place, srid) and unread is not None:
                unread.append(piece.path)
    return canvas


def lay(canvas: Array, piece: Piece, place: Tile, srid: int) -> bool:
    """Fill what is still empty of a canvas from one image, and return whether it could be read."""
    try:
        layer = read(piece, place, srid)
    except (RasterioError, CRSError, ProjError, OSError):
        LOGGER.exception("image that cannot be read: %s", piece.path.name)
        return False
    if layer is not None:
        empty = (canvas[3] == 0) & (layer[3] != 0)
        canvas[:, empty] = layer[:, empty]
    return True


def read(piece: Piece, place: Tile, srid: int) -> Array | None:
    """Return one image on a tile's pixels, transparent outside the piece; None where they do not meet."""
    with rasterio.open(piece.path, driver=DRIVER, sharing=False) as image:
        if image.crs is None:
            raise CRSError("no coordinate system")
        move = between(MERCATOR, image.crs.to_wkt())
        box = move.transform_bounds(*place.bounds(), densify_pts=21)
        level = overview(image, (box[2] - box[0]) / SIDE)
        if level is None:
            return taken(image, piece, place, srid, box, strict=False)
    with rasterio.open(piece.path, driver=DRIVER, sharing=False, overview_level=level) as image:
        return taken(image, piece, place, srid, box, strict=True)


@lru_cache(maxsize=256)
def between(source: int | str, target: int | str) -> Transformer:
    """Return the transformation between two systems, easting first: GDAL makes its own at each warp, slowly."""
    return Transformer.from_crs(source, target, always_xy=True)


def overview(image: rasterio.DatasetReader, resolution: float) -> int | None:
    """Return the coarsest overview that is at least as fine as wanted; None for the image itself."""
    fine = [level for level, factor in enumerate(image.overviews(1)) if factor * image.res[0] <= resolution * 1.01]
    return max(fine, default=None)


def taken(
    image: rasterio.DatasetReader, piece: Piece, place: Tile, srid: int, box: tuple[float, ...], strict: bool
) -> Array | None:
    """Read the part of an image that a tile needs, mask it, and bring it onto the tile's pixels."""
    window = part(image, box)
    if window is None:
        return None
    height, width = (min(MAX_PIXELS, round(side)) for side in (window.height, window.width))
    strict = strict or (height, width) != (window.height, window.width)
    grid = from_bounds(*image.window_bounds(window), width, height)
    bands = colours(image, window, (height, width))
    wkt = image.crs.to_wkt()
    outline = piece.outline if image.crs.to_epsg() == srid else moved(piece.outline, between(srid, wkt))
    bands[3] &= inside(image, outline, grid, (height, width), strict)
    bands[:3, bands[3] == 0] = 0
    result = sampled(bands, *positions(place, between(MERCATOR, wkt), grid))
    result[:, held(piece.outline, place, srid) == 0] = 0
    return result


def part(image: rasterio.DatasetReader, box: tuple[float, ...]) -> Window | None:
    """Return the whole pixels of an image around a box, with two to spare for the kernel; None where it has none."""
    wanted = window_of(*box, transform=image.transform)
    left, top = max(0, int(wanted.col_off) - 2), max(0, int(wanted.row_off) - 2)
    right = min(image.width, int(wanted.col_off + wanted.width) + 3)
    bottom = min(image.height, int(wanted.row_off + wanted.height) + 3)
    return Window(left, top, right - left, bottom - top) if left < right and top < bottom else None


def colours(image: rasterio.DatasetReader, window: Window, shape: tuple[int, int]) -> Array:
    """Read red, green, blue (of a grey image its one band thrice, of a palette its colours) and validity as alpha."""
    valid = image.dataset_mask(window=window, out_shape=shape)
    if image.colorinterp[0] == ColorInterp.palette:
        return np.concatenate(
            [painted(image.read(1, window=window, out_shape=shape), image.colormap(1)), valid[np.newaxis]]
        )
    bands = [i for i, meaning in enumerate(image.colorinterp, 1) if meaning != ColorInterp.alpha]
    bands = bands[:3] if len(bands) >= 3 else bands[:1] * 3
    pixels = eight_bits(image.read(bands, window=window, out_shape=(3, *shape)))
    return np.concatenate([pixels, valid[np.newaxis]])


def painted(indexes: Array, palette: dict[int, tuple[int, ...]]) -> Array:
    """Return the colours that indexes stand for."""
    table = np.zeros((int(indexes.max(initial=0)) + 1, 3), dtype="uint8")
    for index, colour in palette.items():
        table[index : index + 1] = colour[:3]
    return np.moveaxis(table[indexes], -1, 0)


def eight_bits(pixels: Array) -> Array:
    """Return values on eight bits: of wider whole numbers the high ones."""
    if pixels.dtype.kind in "iu" and pixels.dtype.itemsize > 1:
        pixels = pixels // ((np.iinfo(pixels.dtype).max + 1) // 256)
    return pixels.clip(0, OPAQUE).astype("uint8")


def inside(
    image: rasterio.DatasetReader, outline: shapely.Geometry, grid: Affine, shape: tuple[int, int], strict: bool
) -> Array:
    """Return which pixels of a grid are the piece's: opaque or nothing."""
    here = shapely.box(*array_bounds(*shape, grid)).buffer((REACH + 1) * grid.a, join_style="mitre")
    mine = outline.intersection(here)
    if mine.is_empty:
        return np.zeros(shape, dtype="uint8")
    mask = rasterize([mine], out_shape=shape, transform=grid, fill=0, default_value=OPAQUE, dtype="uint8")
    if strict:
        # The image's own edge is no border: only what it holds beyond the piece is foreign.
        foreign = here.intersection(shapely.box(*image.bounds)).difference(mine.buffer(grid.a / 10))
        if not foreign.is_empty:
            near = foreign.buffer(REACH * grid.a, join_style="mitre")
            mask[rasterize([near], out_shape=shape, transform=grid, all_touched=True, dtype="uint8") != 0] = 0
    return mask


def held(outline: shapely.Geometry, place: Tile, srid: int) -> Array:
    """Return which pixels of a tile have their centre in the piece."""
    around = place.box(srid, MARGIN)
    mine = (
        moved(outline.intersection(shapely.box(*around)), transformer(srid, MERCATOR)) if around else shapely.Polygon()
    )
    if mine.is_empty:
        return np.zeros((SIDE, SIDE), dtype="uint8")
    return rasterize([mine], out_shape=(SIDE, SIDE), transform=from_bounds(*place.bounds(), SIDE, SIDE), dtype="uint8")


def positions(place: Tile, move: Transformer, grid: Affine) -> tuple[Array, Array]:
    """Return where the centres of a tile's pixels are among a grid's, as columns and rows.

    The nodes of a mesh are transformed exactly, the pixels between them by interpolation: within a millimetre where
    pixels are decimetres, and a thirtieth of the time.
    """
    west, south, east, north = place.bounds()
    right, up = move.transform(*np.meshgrid(np.linspace(west, east, NODES), np.linspace(north, south, NODES)))
    return refined((right - grid.c) / grid.a) - 0.5, refined((up - grid.f) / grid.e) - 0.5


def refined(nodes: Array) -> Array:
    """Interpolate from the nodes of a mesh to the centres of a tile's pixels."""
    along = (np.arange(SIDE) + 0.5) / SIDE * (NODES - 1)
    first, part = along.astype(int), along % 1
    by_row = nodes[first] * (1 - part)[:, np.newaxis] + nodes[first + 1] * part[:, np.newaxis]
    return by_row[:, first] * (1 - part) + by_row[:, first + 1] * part


def sampled(bands: Array, columns: Array, rows: Array) -> Array:
    """Interpolate between the four pixels around each position, of which those that are masked count for nothing.

    What is masked is black: the sum of colours, divided by the sum of alphas, is the mean of what is not.
    """
    padded = np.moveaxis(np.pad(bands, ((0, 0), (1, 2), (1, 2))), 0, -1)
    height, width, _ = padded.shape
    pixels = np.ascontiguousarray(padded).view("uint32").ravel()
    x, y = np.clip(columns + 1, 0, width - 2), np.clip(rows + 1, 0, height - 2)
    left, top = x.astype("int32"), y.astype("int32")
    x, y = (x - left).astype("float32").ravel(), (y - top).astype("float32").ravel()
    corner = (top * width + left).ravel()
    mean = np.zeros((corner.size, 4), dtype="float32")
    for place, weight in ((0, (1 - x) * (1 - y)), (1, x * (1 - y)), (width, (1 - x) * y), (width + 1, x * y)):
        mean += weight[:, np.newaxis] * pixels[corner + place].view("uint8").reshape(-1, 4)
    shown = mean[:, 3] > OPAQUE / 2
    result = np.zeros((corner.size, 4), dtype="uint8")
    result[shown, :3] = np.rint(mean[shown, :3] * (OPAQUE / mean[shown, 3:]))
    result[shown, 3] = OPAQUE
    return np.ascontiguousarray(result.T).reshape(4, *columns.shape)


def moved(outline: shapely.Geometry, target: Transformer) -> shapely.Geometry:
    """Transform an outline, long straight borders by short steps."""
    return shapely.transform(shapely.segmentize(outline, SEGMENT), target.transform, interleaved=False)


def render(pixels: Array, image_format: str) -> bytes:
    """Encode red, green, blue and alpha as PNG, WEBP, or JPEG, which has no alpha and is for a covered tile."""
    mask = np.broadcast_to(pixels[3] == 0, (3, SIDE, SIDE))
    image = ImageData(np.ma.MaskedArray(pixels[:3], mask))
    return image.render(img_format=image_format, add_mask=image_format != "JPEG")
