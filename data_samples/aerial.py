"""An aerial image of the invented ground, drawn from the same geometry: what it shows is where the plan says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine, from_origin

from data_samples.model import World

RESOLUTION = 0.2  # metres
FIELD = 3_000.0  # m²: from here on a parcel is ploughed or grazed, below it is a garden

ROAD = (128, 126, 122)
RIVER = (62, 84, 82)
TREE = (48, 70, 40)
HARD_ROOFS = ((168, 92, 66), (152, 84, 62), (120, 78, 64), (96, 98, 104))
LIGHT_ROOF = (176, 176, 172)
FIELDS = ((150, 158, 84), (118, 136, 70), (176, 160, 112), (138, 112, 84), (104, 128, 62), (190, 178, 120))
GARDENS = ((110, 132, 76), (122, 140, 84), (100, 124, 72))

type Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Patch:
    """A surface of one colour; furrows run across fields."""

    geometry: shapely.Geometry
    colour: Colour
    furrows: float = 0.0


def write_images(world: World, folder: Path) -> Iterator[Path]:
    """Write two images: over the limits of several communes, and over the first commune's town."""
    yield write_image(world, folder / "orthophoto_limites.tif", limits(world))
    yield write_image(world, folder / "orthophoto_bourg.tif", town(world))


def write_image(world: World, path: Path, frame: shapely.Polygon, resolution: float = RESOLUTION) -> Path:
    """Write what a square frame shows as a GeoTIFF compressed as JPEG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = round((frame.bounds[2] - frame.bounds[0]) / resolution)
    transform = from_origin(frame.bounds[0], frame.bounds[3], resolution, resolution)
    image = _draw(world, frame, transform, pixels)
    profile = {"driver": "GTiff", "width": pixels, "height": pixels, "count": 3, "dtype": "uint8"}
    profile |= {"crs": f"EPSG:{world.country.srid}", "transform": transform, "compress": "jpeg", "photometric": "ycbcr"}
    profile |= {"jpeg_quality": 72, "tiled": True, "blockxsize": 512, "blockysize": 512}
    with rasterio.open(path, "w", **profile) as file:
        file.write(image)
        file.update_tags(TIFFTAG_DATETIME=f"{world.edition:%Y:%m:%d} 00:00:00")
    return path


def limits(world: World, size: float = 600.0) -> shapely.Polygon:
    """Return a square over the limits of as many communes as can be."""
    if world.triple_points:
        return _square(shapely.MultiPoint(world.triple_points[:2]).centroid, size)
    return _square(world.communes[0].geometry.centroid, size)


def town(world: World, size: float = 300.0) -> shapely.Polygon:
    """Return a square over the first town."""
    return _square(world.feuilles[0].geometry.centroid, size)


def _square(centre: shapely.Point, size: float) -> shapely.Polygon:
    """Return a square whose corners are on whole metres."""
    x, y = round(centre.x - size / 2), round(centre.y - size / 2)
    return shapely.box(x, y, x + size, y + size)


def _draw(world: World, frame: shapely.Polygon, transform: Affine, pixels: int) -> np.ndarray:
    random = np.random.default_rng(world.seed)
    patches = [patch for patch in _patches(world, random) if patch.geometry.intersects(frame)]
    shapes = [(patch.geometry, number) for number, patch in enumerate(patches, 1)]
    numbers = rasterize(shapes, (pixels, pixels), transform=transform, dtype="uint16")
    light = _light(random, numbers, np.array([0.0, *(patch.furrows for patch in patches)], np.float32))
    colours = np.array([ROAD, *(patch.colour for patch in patches)], np.float32)
    bands = [np.clip(colours[:, band][numbers] + light, 0, 255).astype("uint8") for band in range(3)]
    return np.stack(bands)


def _patches(world: World, random: np.random.Generator) -> Iterator[Patch]:
    """Yield surfaces from the ground up: what comes later covers what came before."""
    for one in world.parcelles:
        is_field = one.geometry.area > FIELD
        colours = FIELDS if is_field else GARDENS
        furrows = random.uniform(0.1, 3.0) if is_field else 0.0
        yield Patch(one.geometry, colours[random.integers(len(colours))], furrows)
    yield from (Patch(one.geometry, RIVER) for one in world.cours_eau)
    yield from _hedges(world, random)
    for one in world.batiments:
        roof = LIGHT_ROOF if one.type == "02" else HARD_ROOFS[random.integers(len(HARD_ROOFS))]
        yield Patch(one.geometry, roof)


def _hedges(world: World, random: np.random.Generator) -> Iterator[Patch]:
    """Yield rows of trees along half of the fields, as in a country of hedges."""
    for one in world.parcelles:
        if one.geometry.area > FIELD and random.random() < 0.5:
            limit = max(shapely.get_parts(one.geometry), key=shapely.area).exterior
            places = limit.interpolate(np.arange(0, limit.length, 4.0) + random.uniform(-1.5, 1.5))
            crowns = shapely.buffer(places, random.uniform(1.2, 3.2, len(places)), quad_segs=3)
            yield Patch(shapely.union_all(crowns), TREE)


def _light(random: np.random.Generator, numbers: np.ndarray, furrows: np.ndarray) -> np.ndarray:
    """Return how much brighter each pixel is: furrows three metres apart, broad shades and a little grain."""
    rows, columns = np.mgrid[0 : len(numbers), 0 : len(numbers)].astype(np.float32) * np.float32(RESOLUTION)
    light = random.normal(0, 2.5, numbers.shape).astype(np.float32)
    for across, down, phase in random.uniform((-0.25, -0.25, 0), (0.25, 0.25, 6.3), (6, 3)).astype(np.float32):
        light += 1.6 * np.sin(columns * across + rows * down + phase)
    angle = furrows[numbers]
    light += 6 * (angle > 0) * np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * np.float32(2 * np.pi / 3))
    return light
