"""Read an aerial image: the confined child makes it a Cloud Optimized GeoTIFF, its footprint is cut by commune."""

import hashlib
import math
import os
import shutil
import time
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from catalog.errors import DeliveryError
from catalog.territories import installation
from etl import confinement, vector
from etl.archives import explained
from etl.confinement import Job, Limits
from etl.cutting import OUTSIDE, Partition
from etl.deliveries import Lot
from etl.geometry import transformed, usable_crs, within
from etl.rows import Row, slug
from etl.sources import Options, Tools, undated

DATASET = "orthophotos"
FOLDER = "orthophotos"
DRIVERS = ("GTiff", "JPEG", "PNG", "JP2OpenJPEG")
PIXELS = 4 * 10**9  # bands × pixels: beyond it the producer's tiles are loaded one by one
LIMITS = Limits(seconds=1800, memory=3 * 2**30, file_size=16 * 2**30)
ABANDONED = 24 * 3600  # seconds after which a half file has no writer any more
EDGE_POINTS = 21  # of each side of an image, since a straight side is a curve in another system


class ImageSource:
    """An image as a source of rows: its footprint, one row a commune."""

    def __init__(self, lot: Lot, options: Options) -> None:
        self.lot, self.options = lot, options
        self.driver = vector.driver(lot, DRIVERS)
        self.unit = undated(slug(lot.path.stem), lot, None, options)

    def rows(self, tools: Tools) -> list[Row]:
        """Rewrite the image, keep it, and return its footprints."""
        counts = self.unit.count(DATASET)
        counts.read += 1
        written, image = rewrite(self.lot, self.driver, self.options)
        shape = footprint(image)
        if not within(shape, installation().ground):
            words = f"image hors de {installation().name} : système de coordonnées faux"
            raise DeliveryError(words, file=self.lot.name)
        cut = Partition(tools.limits(shape.bounds)).cut(shape)
        if not cut.pieces:
            self.unit.reject(DATASET, self.unit.name, OUTSIDE)
            return []
        counts.loaded += 1
        counts.pieces += len(cut.pieces)
        name = f"{stored_name(self.lot, self.options)}.tif"
        if tools.files is not None:
            keep(written, tools.files / FOLDER, name)
        values = {
            "objet": self.unit.name,
            "nom": self.lot.path.stem,
            "resolution": math.sqrt(shape.area / (image["width"] * image["height"])),
            "fichier": name,
        }
        return [Row(DATASET, f"{self.unit.name}.{code}", code, values, piece) for code, piece in cut.pieces.items()]


def stored_name(lot: Lot, options: Options) -> str:
    """Return what an image is kept as: placed by another system of coordinates, it is another image."""
    return hashlib.sha256(f"{lot.sha256} {options.crs}".encode()).hexdigest() if options.crs else lot.sha256


def rewrite(lot: Lot, driver: str, options: Options) -> tuple[Path, dict[str, Any]]:
    """Let the child write the image as a Cloud Optimized GeoTIFF, and return it with its description."""
    folder = lot.folder.with_name(lot.folder.name + "-cog")
    folder.mkdir(mode=0o700)
    output = folder / "image.tif"
    crs = usable_crs(options.crs).to_wkt() if options.crs else None
    task = {"task": "image", "path": str(lot.path), "drivers": [driver], "crs": crs, "output": str(output)}
    try:
        answers = list(confinement.read(Job(task | {"pixels": PIXELS}, lot.folder, LIMITS, writable=folder)))
    except DeliveryError as error:
        raise DeliveryError(error.reason, file=lot.name) from error
    image = next((dict(frame.head) for frame in answers if frame.head.get("kind") == "image"), None)
    if image is None:
        raise DeliveryError("image illisible", file=lot.name)
    return output, image


def footprint(image: dict[str, Any]) -> Geometry:
    """Return the ground that an image covers, in the installation's system."""
    x, column_x, row_x, y, column_y, row_y = (float(value) for value in image["transform"])
    steps = np.linspace(0, 1, EDGE_POINTS)[:-1]
    ones, zeros = np.ones_like(steps), np.zeros_like(steps)
    columns = np.concatenate([steps, ones, 1 - steps, zeros]) * int(image["width"])
    rows = np.concatenate([zeros, steps, ones, 1 - steps]) * int(image["height"])
    ring = np.column_stack([x + columns * column_x + rows * row_x, y + columns * column_y + rows * row_y])
    whole = np.array([shapely.Polygon(ring)], dtype=object)
    return shapely.MultiPolygon([transformed(whole, usable_crs(image["crs"]))[0]])


def keep(written: Path, folder: Path, name: str) -> None:
    """Copy an image into the folder of images: for nobody else's eyes, and never half a file under its name."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in folder.glob("*.part"):
        if time.time() - left.stat().st_mtime > ABANDONED:
            left.unlink(missing_ok=True)
    part = folder / f"{name}.{os.getpid()}.part"
    try:
        with explained(PurePosixPath(folder.name)):
            copy(written, part)
    except DeliveryError:
        part.unlink(missing_ok=True)
        raise
    part.rename(folder / name)


def copy(written: Path, part: Path) -> None:
    """Copy a file to the disk itself, for its owner alone."""
    with (
        os.fdopen(os.open(written, os.O_RDONLY | os.O_NOFOLLOW), "rb") as source,
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target,
    ):
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
