"""The doors of tiles: vector tiles decoded to their objects, image tiles to the pixel."""

import math
from functools import lru_cache
from random import Random

import numpy as np
import shapely

from hunter import decoders, ground
from hunter.hunt import Hunt
from hunter.items import pick
from hunter.members import Member
from hunter.things import IMAGES, Thing

HALF = math.pi * 6378137
EXTENT = 4096
UNITS = 4  # of a tile: what is smaller or nearer to its edge may be left out
BORDER = 6  # pixels along a commune's limit that may be left out, since its neighbour's colours blend into them
SMALLEST = 40  # pixels: a smaller piece of an image may be left out


def address(thing: Thing, random: Random, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that holds a point of an object: its middle, or one of its corners."""
    point = random.choice((thing.geometry.representative_point().coords[0], *shapely.get_coordinates(thing.geometry)))
    x, y = ground.to(ground.WEB).transform(*point)
    size = 2 * HALF / 2**zoom
    return int((x + HALF) // size), int((HALF - y) // size)


def frame(zoom: int, column: int, row: int) -> tuple[float, float, float]:
    """Return west, north and side of a tile, in Web Mercator."""
    size = 2 * HALF / 2**zoom
    return column * size - HALF, HALF - row * size, size


@lru_cache(10_000)
def web(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return a geometry of the world in Web Mercator."""
    return shapely.transform(geometry, ground.swapped(ground.to(ground.WEB)))


def vector(hunt: Hunt, random: Random, member: Member) -> None:
    """One vector tile around a probe."""
    mine, other, visible = pick(hunt, random, member, "tile")
    zoom = random.choice((10, 13, 14, 15, 16, 17, 18))
    column, row = address(random.choice((mine, other)), random, zoom)
    path = f"/tiles/WebMercatorQuad/{zoom}/{row}/{column}"
    response = hunt.ask(member, f"/collections/{mine.dataset}{path}", [("f", "mvt")], basic=random.random() < 0.5)
    if not member.organisation or mine.dataset == IMAGES:
        return
    if not hunt.oracle.has(member, mine.dataset, "tile"):
        hunt.same(response, hunt.ask(member, f"/collections/inconnu{path}", [("f", "mvt")]), 404)
        return
    hunt.expect(response.status_code in (200, 204), "a permitted tile is refused")
    seen = list(decoders.vector_tile(response.content))
    inside = in_tile(visible, *frame(zoom, column, row))
    found = {each.id: each for each in seen}
    hunt.objects += len(found)
    hunt.expect(set(found) <= set(visible), f"foreign {sorted(set(found) - set(visible))[:5]}")
    if zoom >= 16:
        hunt.expect(inside <= set(found), f"missing {sorted(inside - set(found))[:5]}")
    for each in seen:  # surfaces, and the points for their names
        attributes(hunt, member, each, visible[each.id])
        placed(hunt, each, visible[each.id], *frame(zoom, column, row))


def in_tile(visible: dict[str, Thing], west: float, north: float, size: float) -> set[str]:
    """Return the objects that a tile must show: those of which more than a dot lies well inside."""
    unit = size / EXTENT
    box = shapely.box(west, north - size, west + size, north).buffer(-UNITS * unit)
    near = shapely.box(*ground.back(ground.WEB).transform_bounds(west, north - size, west + size, north)).buffer(10)
    shapely.prepare([box, near])
    found = set()
    for id, thing in visible.items():
        if thing.sure and near.intersects(thing.geometry) and box.intersects(geometry := web(thing.geometry)):
            part = box.intersection(geometry)
            if part.area > (UNITS * unit) ** 2 * 4 or (not geometry.area and part.length > UNITS * unit * 4):
                found.add(id)
    return found


def attributes(hunt: Hunt, member: Member, seen: decoders.Seen, thing: Thing) -> None:
    """Judge the attributes of an object in a tile; nulls are absent there."""
    given = hunt.oracle.groups_of(member, thing, "tile")
    wanted, known = thing.attributes(given), hunt.oracle.columns(thing.dataset, given)
    hunt.expect(set(seen.attributes) <= known, f"foreign properties of {thing.id}: {set(seen.attributes) - known}")
    for name, value in wanted.items():
        if value is not None:
            hunt.expect(seen.attributes.get(name) == value, f"{name} of {thing.id} is not {value!r}")


def placed(hunt: Hunt, seen: decoders.Seen, thing: Thing, west: float, north: float, size: float) -> None:
    """Judge that what a tile shows of an object lies on the object, to a few units."""
    unit = size / EXTENT
    points = shapely.get_coordinates(seen.geometry)
    near = web(thing.geometry).buffer(8 * unit + 0.1)
    drawn = shapely.contains_xy(near, west + points[:, 0] * unit, north - points[:, 1] * unit)
    hunt.expect(not thing.sure or bool(drawn.all()), f"{thing.id} is drawn elsewhere")


def image(hunt: Hunt, random: Random, member: Member) -> None:
    """One map tile: transparent outside the caller's communes, opaque where an image lies inside them."""
    mine, other, visible = pick(hunt, random, member, "image")
    frames = hunt.oracle.things[IMAGES]
    probe = frames[random.choice(sorted(frames))]
    zoom = random.choice((13, 15, 16, 17, 18, 19))
    column, row = address(probe, random, zoom)
    path = f"/map/tiles/WebMercatorQuad/{zoom}/{row}/{column}"
    params = [("f", random.choice(("png", "webp", "jpeg")))]
    response = hunt.ask(member, f"/collections/{IMAGES}{path}", params, basic=random.random() < 0.5)
    if not member.organisation:
        return
    if not hunt.oracle.has(member, IMAGES, "image"):
        hunt.same(response, hunt.ask(member, f"/collections/inconnu{path}", params), 404)
        return
    hunt.expect(response.status_code == 200, "a permitted tile is refused")
    own = hunt.oracle.visible(member, IMAGES, "image")
    pixels(hunt, decoders.alpha(response.content), list(own.values()), frame(zoom, column, row))


def pixels(hunt: Hunt, shown: np.ndarray, own: list[Thing], place: tuple[float, float, float]) -> None:
    """Judge each pixel by its corners: shown only where the caller's pieces reach, and wherever they cover it well."""
    west, north, size = place
    pixel = size / shown.shape[0]
    pieces = web(shapely.union_all([thing.geometry for thing in own]))
    steps = (np.arange(shown.shape[0]) + 0.5) * pixel
    x, y = np.meshgrid(west + steps, north - steps)
    large = [web(thing.geometry) for thing in own if web(thing.geometry).length / 4 > SMALLEST * pixel]
    reach, core = pieces.buffer(pixel), shapely.union_all(large).buffer(-BORDER * pixel)
    hunt.objects += int(shown.sum() > 0)
    foreign = int((shown & ~shapely.contains_xy(reach, x, y)).sum())
    hunt.expect(foreign == 0, f"{foreign} foreign pixels")
    missing = int((~shown & shapely.contains_xy(core, x, y)).sum())
    hunt.expect(missing == 0, f"{missing} missing pixels of {shown.size}")
