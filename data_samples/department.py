"""A whole département of parcels for measuring: 250 communes, a million parcels, made as fast as they load.

No network of roads and no sheet here: rows of parcels on bent ground, in blocks apart, of the size and with the
number of vertices that real ones have. Everything is drawn a commune at a time with arrays.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from math import ceil, sqrt
from pathlib import Path
from typing import TextIO

import numpy as np
import shapely

from data_samples.etalab import to_wgs84

FIRST_CODE = 85_500  # no commune of the département has these
PREFIX = "000"
ORIGIN = (330_000.0, 6_580_000.0)
TOWN = 63_000  # parcels of the one large town, in a département of a million
MEAN_SIDE = 25.0  # metres: 35 parcels in a box of 150 m, 420 in one of 600 m
BLOCK = 8  # parcels along a block's side, a road after each
ROAD = 8.0
MOVE = 2.5
PER_SECTION = 900

type Row = tuple[str, str, str, str, str, int, str]


def department_parcels(seed: int = 85, communes: int = 250, total: int = 1_000_000) -> Iterator[Row]:
    """Yield (id, commune, prefixe, section, numero, contenance, EWKB in hexadecimal, EPSG:2154)."""
    for batch in department_batches(seed, communes, total):
        yield from batch


def department_batches(seed: int = 85, communes: int = 250, total: int = 1_000_000) -> Iterator[list[Row]]:
    """Yield the rows of one commune after another, the town first; neighbours share their limits' vertices."""
    sizes = _sizes(communes, total)
    side = ceil(sqrt(max(sizes[1:], default=sizes[0])))
    across = ceil(sqrt(communes))
    for index, size in enumerate(sizes):
        if index == 0:  # south of the others: it needs more ground than they have
            west, south, width = 0, -ceil(sqrt(size)), ceil(sqrt(size))
        else:
            west, south, width = (index - 1) % across * side, (index - 1) // across * side, side
        yield _commune(seed, index, size, west, south, width)


def write_parcels_copy(
    file: TextIO,
    seed: int = 85,
    communes: int = 250,
    total: int = 1_000_000,
    advance: Callable[[int], object] = lambda rows: None,
) -> int:
    """Write the rows as PostgreSQL's COPY text and return how many; `advance` is told of each commune's."""
    written = 0
    for batch in department_batches(seed, communes, total):
        file.writelines("\t".join(map(str, row)) + "\n" for row in batch)
        written += len(batch)
        advance(len(batch))
    return written


def write_parcels_etalab(
    path: Path,
    seed: int = 85,
    communes: int = 250,
    total: int = 1_000_000,
    advance: Callable[[int], object] = lambda rows: None,
) -> int:
    """Write the rows as Etalab's one layer of a département (`cadastre-85-parcelles.json.gz`) and return how many."""
    written = 0
    with gzip.open(path, "wt", compresslevel=1, encoding="ascii") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for batch in department_batches(seed, communes, total):
            shapes = shapely.transform(shapely.from_wkb([row[-1] for row in batch]), to_wgs84)
            for row, shape in zip(batch, shapely.to_geojson(shapes), strict=True):
                file.write(",\n" if written else "\n")
                file.write(json.dumps(_etalab(row))[:-1] + f',"geometry":{shape}}}')
                written += 1
            advance(len(batch))
        file.write("\n]}\n")
    return written


def _etalab(row: Row) -> dict[str, object]:
    id, commune, prefixe, section, numero, contenance, _ = row
    days = {"created": "2009-03-02", "updated": "2020-01-06"}
    named = {"id": id, "commune": commune, "prefixe": prefixe, "section": section, "numero": numero.lstrip("0")}
    return {"type": "Feature", "id": id, "properties": named | {"contenance": contenance, "arpente": False} | days}


def _sizes(communes: int, total: int) -> list[int]:
    """Return how many parcels each commune has, the town first."""
    if communes == 1:
        return [total]
    town = min(total - (communes - 1), round(total * TOWN / 1_000_000))
    rest, more = divmod(total - town, communes - 1)
    return [town, *(rest + (index < more) for index in range(communes - 1))]


def _commune(seed: int, index: int, size: int, west: int, south: int, width: int) -> list[Row]:
    """Return `size` parcels in rows of `width`, from a corner counted in parcels."""
    places = np.arange(size)
    around = rings(seed, west + places % width, south + places // width)
    polygons = shapely.set_srid(shapely.polygons(around.round(2)), 2154)
    wkb = shapely.to_wkb(polygons, hex=True, include_srid=True, byte_order=1)
    declared = shapely.area(polygons) * np.random.default_rng([seed, index]).normal(1, 0.006, size)
    code, contenance = f"{FIRST_CODE + index:05d}", np.rint(declared).astype(int).tolist()
    return [_row(code, number, *values) for number, values in enumerate(zip(contenance, wkb, strict=True))]


def _row(code: str, number: int, contenance: int, wkb: str) -> Row:
    section_number, numero = divmod(number, PER_SECTION)
    section = chr(65 + section_number // 26) + chr(65 + section_number % 26)
    plan = f"{numero + 1:04d}"
    return f"{code}{PREFIX}{section}{plan}", code, PREFIX, section, plan, contenance, wkb


def rings(seed: int, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return closed rings of eight vertices: corners and middles of sides, each placed once for all neighbours."""
    around = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0))
    return np.stack([placed(seed, columns, east, rows, north) for east, north in around], axis=1)


def placed(
    seed: int, columns: np.ndarray, east: np.ndarray | int, rows: np.ndarray, north: np.ndarray | int
) -> np.ndarray:
    """Return where nodes lie, each named by a parcel and by 0, 1 or 2 halves of its sides eastward and northward."""
    u, v = 2 * columns + east, 2 * rows + north
    x = _along(columns, east) + _moved(seed, u, v)
    y = _along(rows, north) + _moved(seed + 1, u, v)
    x = x + 20 * np.sin(y / 140)
    y = y + 20 * np.sin(x / 160)
    return np.stack([x, y], axis=-1) + ORIGIN


def _along(positions: np.ndarray, half: np.ndarray | int) -> np.ndarray:
    return positions * MEAN_SIDE + positions // BLOCK * ROAD + half * MEAN_SIDE / 2


def _moved(seed: int, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return by how many metres a node is moved: a number that depends on the node alone."""
    mixed = u.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + v.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed + np.uint64(seed)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(40)).astype(float) / 2**24 * 2 * MOVE - MOVE
