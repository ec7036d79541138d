"""How a block becomes parcels: fields in the country, streets and lots in town. Pure, on the lattice."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from shapely import Polygon, box, difference

STREET = 2  # units
MAX_TOWN_BLOCK = 24
SMALLEST_FIELD = 8
LOT = 4.5


def fields(random: Random, block: Polygon, count: int) -> list[Polygon]:
    """Cut a block into about `count` fields; some have a farmyard cut out of a corner or of their middle."""
    cut = list(_halve(random, block, count))
    return [piece for field in cut for piece in _farmyard(random, field)]


def lots(random: Random, block: Polygon) -> list[Polygon]:
    """Cut a block into rows of lots back to back, with streets where it is too large; streets are left out."""
    u0, v0, u1, v1 = _bounds(block)
    if max(u1 - u0, v1 - v0) > MAX_TOWN_BLOCK:
        return [lot for half in _street(random, block) for lot in lots(random, half)]
    if u1 - u0 >= v1 - v0:
        return [lot for row in _rows(v0, v1) for lot in _row(random, u0, u1, row)]
    return [
        box(lot.bounds[1], lot.bounds[0], lot.bounds[3], lot.bounds[2])
        for row in _rows(u0, u1)
        for lot in _row(random, v0, v1, row)
    ]


def _bounds(shape: Polygon) -> tuple[int, ...]:
    return tuple(round(value) for value in shape.bounds)


def _halve(random: Random, field: Polygon, count: int) -> Iterator[Polygon]:
    u0, v0, u1, v1 = _bounds(field)
    length = max(u1 - u0, v1 - v0)
    if count < 2 or length < 2 * SMALLEST_FIELD:
        yield field
        return
    first = count // 2
    cut = round(length * first / count * random.uniform(0.85, 1.15))
    cut = min(max(cut, SMALLEST_FIELD), length - SMALLEST_FIELD)
    if u1 - u0 >= v1 - v0:
        parts = box(u0, v0, u0 + cut, v1), box(u0 + cut, v0, u1, v1)
    else:
        parts = box(u0, v0, u1, v0 + cut), box(u0, v0 + cut, u1, v1)
    yield from _halve(random, parts[0], first)
    yield from _halve(random, parts[1], count - first)


def _farmyard(random: Random, field: Polygon) -> list[Polygon]:
    u0, v0, u1, v1 = _bounds(field)
    chance = random.random()
    if chance > 0.22 or min(u1 - u0, v1 - v0) < 20:
        return [field]
    width, depth = random.randint(7, 10), random.randint(7, 10)
    if chance < 0.05:  # an enclave: the field around it has a hole
        u, v = u0 + (u1 - u0 - width) // 2, v0 + (v1 - v0 - depth) // 2
    else:
        u, v = random.choice((u0, u1 - width)), random.choice((v0, v1 - depth))
    yard = box(u, v, u + width, v + depth)
    return [difference(field, yard, grid_size=1), yard]


def _street(random: Random, block: Polygon) -> tuple[Polygon, Polygon]:
    u0, v0, u1, v1 = _bounds(block)
    length = max(u1 - u0, v1 - v0)
    cut = (length - STREET) // 2 + random.randint(-2, 2)
    if u1 - u0 >= v1 - v0:
        return box(u0, v0, u0 + cut, v1), box(u0 + cut + STREET, v0, u1, v1)
    return box(u0, v0, u1, v0 + cut), box(u0, v0 + cut + STREET, u1, v1)


def _rows(low: int, high: int) -> list[tuple[int, int]]:
    middle = (low + high) // 2
    return [(low, middle), (middle, high)] if high - low >= 12 else [(low, high)]


def _row(random: Random, low: int, high: int, depths: tuple[int, int]) -> list[Polygon]:
    count = max(1, round((high - low) / LOT))
    even = [low + (high - low) * k / count for k in range(1, count)]
    cuts = [low, *(round(cut) + random.choice((-1, 0, 0, 0)) for cut in even), high]
    return [box(start, depths[0], end, depths[1]) for start, end in pairwise(cuts)]
