"""A whole département of cadastral sheets: EDIGEO lots with parcels and buildings, made in minutes, to measure loads.

The same bent ground as `department.py`: rows of parcels in blocks, twenty by fourteen a sheet, three sheets a section,
six sections a commune. Neighbours share their limits' vertices, but where a road runs between them.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from datetime import date, timedelta
from math import ceil, sqrt
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import shapely
from shapely import Polygon

from data_samples.country import VENDEE
from data_samples.department import FIRST_CODE, PREFIX, placed, rings
from data_samples.edigeo import write_lots
from data_samples.model import (
    Batiment,
    Commune,
    Feuille,
    LieuDit,
    Parcelle,
    Section,
    SubdivisionFiscale,
    World,
)

COLUMNS, ROWS = 20, 14  # parcels in a sheet
PER_SHEET = COLUMNS * ROWS
WIDTH, HEIGHT = 3, 6  # sheets in a commune
SHEETS_PER_COMMUNE = 17
EDITION = date(2026, 7, 1)
SURVEY = date(2009, 3, 2)
BUILT = 0.85  # of the parcels
TAXED_APART = 35  # one parcel in that many is taxed in two parts

type Coordinates = np.ndarray


@dataclass(frozen=True, slots=True)
class Place:
    """A commune: its code, how many sheets it has, and where its first parcel lies."""

    seed: int
    code: str
    sheets: int
    column: int
    row: int


def places(parcels: int, seed: int = 85) -> list[Place]:
    """Return the communes of a département of about that many parcels: whole sheets, at least one."""
    sheets = max(1, round(parcels / PER_SHEET))
    communes = max(1, sheets // SHEETS_PER_COMMUNE)
    while sheets > communes * WIDTH * HEIGHT:
        communes += 1
    each, more = divmod(sheets, communes)
    across = ceil(sqrt(communes))
    return [
        Place(
            seed, f"{FIRST_CODE + number:05d}", each + (number < more),
            number % across * WIDTH * COLUMNS, number // across * HEIGHT * ROWS,
        )
        for number in range(communes)
    ]  # fmt: skip


def write_department(
    folder: Path, parcels: int, seed: int = 85, advance: Callable[[int], object] = lambda sheets: None
) -> int:
    """Write `<commune>/edigeo-<sheet>.tar.bz2` on every core; return how many, `advance` is told of them."""
    written = 0
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=get_context("forkserver")) as processes:
        for sheets in processes.map(
            write_commune, *zip(*((one, folder) for one in places(parcels, seed)), strict=True)
        ):
            written += sheets
            advance(sheets)
    return written


def write_commune(place: Place, folder: Path) -> int:
    """Write the lots of one commune, and return how many."""
    return sum(1 for world in worlds(place) for _ in write_lots(world, folder / place.code))


def worlds(place: Place) -> Iterator[World]:
    """Yield the sheets of a commune, each as a world of its own in which the commune and the section are whole."""
    commune = Commune(place.code, f"Saint-Numéro-{place.code}", 1, _ground(place))
    for number in range(place.sheets):
        yield _sheet(place, commune, number)


def _ground(place: Place) -> Polygon:
    """Return what a commune covers: full sections, and the first sheets of the last one."""
    full, rest = divmod(place.sheets, WIDTH)
    top, width = place.row + full * ROWS, (WIDTH if full else rest) * COLUMNS
    left, right, low = place.column, place.column + width, place.row
    if not rest or not full:
        return _polygon(place.seed, _outline(left, right, low, top if full else low + ROWS))
    step = left + rest * COLUMNS
    path = [
        *_along(left, right, low, 0), *_up(right - 1, 2, low, top), *_along(step, right, top - 1, 2)[::-1],
        *_up(step - 1, 2, top, top + ROWS), *_along(left, step, top + ROWS - 1, 2)[::-1],
        *_up(left, 0, low, top + ROWS)[::-1],
    ]  # fmt: skip
    return _polygon(place.seed, path)


def _sheet(place: Place, commune: Commune, number: int) -> World:
    """Return one sheet with all that is in it."""
    row, column = divmod(number, WIDTH)
    letters, low = "A" + chr(65 + row), place.row + row * ROWS
    left = place.column + column * COLUMNS
    section_width = min(WIDTH, place.sheets - row * WIDTH) * COLUMNS
    whole = _polygon(place.seed, _outline(place.column, place.column + section_width, low, low + ROWS))
    sheet_id = f"{place.code}{PREFIX}{letters}{column + 1:02d}"
    ground = _polygon(place.seed, _outline(left, left + COLUMNS, low, low + ROWS))
    section = Section(sheet_id[:10], place.code, PREFIX, letters, 2, whole)
    sheet = Feuille(sheet_id, place.code, PREFIX, letters, sheet_id[10:], "01", "03", 1000, EDITION, 3, ground)
    random = np.random.default_rng([place.seed, int(place.code), number])
    at = np.arange(PER_SHEET)
    around = rings(place.seed, left + at % COLUMNS, low + at // COLUMNS).round(2)
    parcels = _parcels(sheet, around, random)
    holds = {
        "seed": place.seed, "country": VENDEE, "edition": EDITION,
        "communes": (commune,), "sections": (section,), "feuilles": (sheet,),
        "parcelles": parcels, "batiments": _buildings(sheet, around, random),
        "lieux_dits": _named_places(place.seed, sheet, left, low),
        "subdivisions_fiscales": tuple(_taxed_apart(parcels, around)),
    }  # fmt: skip
    return World(**{field.name: holds.get(field.name, ()) for field in fields(World)})  # type: ignore[arg-type]


def _parcels(sheet: Feuille, around: Coordinates, random: np.random.Generator) -> tuple[Parcelle, ...]:
    polygons = shapely.polygons(around)
    declared = np.rint(shapely.area(polygons) * random.normal(1, 0.006, PER_SHEET)).astype(int).tolist()
    surveyed, ages = random.random(PER_SHEET) < 0.1, random.integers(0, 6000, PER_SHEET).tolist()
    first = (int(sheet.numero) - 1) * PER_SHEET + 1
    return tuple(
        Parcelle(
            f"{sheet.section_id}{first + n:04d}", sheet.commune, PREFIX, sheet.section, f"{first + n:04d}", sheet.id,
            declared[n], bool(surveyed[n]), SURVEY, SURVEY + timedelta(ages[n]), 1000 + n, polygon,
        )
        for n, polygon in enumerate(polygons)
    )  # fmt: skip


def _buildings(sheet: Feuille, around: Coordinates, random: np.random.Generator) -> tuple[Batiment, ...]:
    built = np.flatnonzero(random.random(PER_SHEET) < BUILT)
    half = random.uniform(2.5, 5.5, (len(built), 1, 2))
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)])
    shapes = shapely.polygons((around[built, :8].mean(axis=1)[:, None] + corners * half).round(2))
    light = random.random(len(built)) < 0.3
    return tuple(
        Batiment(sheet.commune, sheet.id, "02" if light[n] else "01", None, 2000 + n, shape)
        for n, shape in enumerate(shapes)
    )


def _named_places(seed: int, sheet: Feuille, left: int, low: int) -> tuple[LieuDit, ...]:
    middle = left + COLUMNS // 2
    halves = ((left, middle, "LE BOURG"), (middle, left + COLUMNS, "LES PRÉS LONGS"))
    return tuple(
        LieuDit(sheet.commune, sheet.id, name, 3000 + n, _polygon(seed, _outline(west, east, low, low + ROWS)))
        for n, (west, east, name) in enumerate(halves)
    )


def _taxed_apart(parcels: tuple[Parcelle, ...], around: Coordinates) -> Iterator[SubdivisionFiscale]:
    for n in range(0, PER_SHEET, TAXED_APART):
        parcel = parcels[n]
        for letter, corners in (("A", (0, 1, 2, 3, 7)), ("B", (7, 3, 4, 5, 6))):
            shape = Polygon(around[n, list(corners)])
            rid = 4000 + 2 * n + (letter == "B")
            yield SubdivisionFiscale(parcel.commune, parcel.sheet, parcel.id, letter, rid, shape)


type Step = tuple[int, int, int, int]  # column, east, row, north: a node as a parcel that touches it sees it


def _along(left: int, right: int, row: int, north: int) -> list[Step]:
    """Return the nodes of one side, from west to east."""
    return [(column, east, row, north) for column in range(left, right) for east in range(3)]


def _up(column: int, east: int, low: int, top: int) -> list[Step]:
    """Return the nodes of one side, from south to north."""
    return [(column, east, row, north) for row in range(low, top) for north in range(3)]


def _outline(left: int, right: int, low: int, top: int) -> list[Step]:
    """Return the nodes around a rectangle of parcels."""
    return [
        *_along(left, right, low, 0), *_up(right - 1, 2, low, top),
        *_along(left, right, top - 1, 2)[::-1], *_up(left, 0, low, top)[::-1],
    ]  # fmt: skip


def _polygon(seed: int, path: list[Step]) -> Polygon:
    """Return the ground within a closed path; a node that two parcels share is in it once."""
    points = placed(seed, *np.array(path).T).round(2)
    once = np.append(True, (points[1:] != points[:-1]).any(axis=1))
    return Polygon(points[once])
