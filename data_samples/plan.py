"""The squared paper: blocks, whose they are, and what runs between them. All lengths in units of four metres."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from random import Random

from shapely import Polygon, box, union_all

type Cell = tuple[int, int]
type Side = tuple[Cell, Cell]  # between two corners of the grid, the lower one first

BLOCKS = 6  # blocks along a commune's side
ROAD, RIVER = 1, 2  # half widths
LOTS_PER_URBAN_BLOCK = 72


@dataclass(frozen=True, slots=True)
class Plan:
    """A grid of blocks: its lines, each block's commune, and the half width of what runs along each side."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    owners: dict[Cell, int]
    sides: dict[Side, int]
    urban: frozenset[Cell]
    triple_points: tuple[Cell, ...]

    def node(self, corner: Cell) -> Cell:
        """Return the lattice node of a corner of the grid."""
        return self.columns[corner[0]], self.rows[corner[1]]

    def block(self, cell: Cell) -> Polygon:
        """Return a block up to the axes of its roads."""
        return box(*self.node(cell), *self.node((cell[0] + 1, cell[1] + 1)))

    def inside(self, cell: Cell) -> Polygon:
        """Return what parcels may fill of a block: the block without its halves of roads and river."""
        west, south, east, north = (self.sides[side] for side in sides_of(cell))
        (u0, v0), (u1, v1) = self.node(cell), self.node((cell[0] + 1, cell[1] + 1))
        return box(u0 + west, v0 + south, u1 - east, v1 - north)

    def outline(self, cells: Iterable[Cell]) -> Polygon:
        """Return the union of blocks, which must hang together."""
        return union_all([self.block(cell) for cell in cells], grid_size=1)

    def cells_of(self, owner: int) -> list[Cell]:
        """Return a commune's blocks, column by column."""
        return sorted(cell for cell, one in self.owners.items() if one == owner)

    def river(self) -> Polygon:
        """Return the river's bed, from one edge of the paper to the other."""
        u = next(self.columns[side[0][0]] for side, width in self.sides.items() if width == RIVER)
        return box(u - RIVER, self.rows[0], u + RIVER, self.rows[-1])


def sides_of(cell: Cell) -> tuple[Side, Side, Side, Side]:
    """Return a block's sides: west, south, east, north."""
    i, j = cell
    south_west, south_east, north_west, north_east = (i, j), (i + 1, j), (i, j + 1), (i + 1, j + 1)
    return (south_west, north_west), (south_west, south_east), (south_east, north_east), (north_west, north_east)


def components(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Return the parts of a set of blocks that hang together by their sides."""
    left, parts = set(cells), []
    while left:
        part, border = [], [min(left)]
        left.discard(border[0])
        while border:
            i, j = border.pop()
            part.append((i, j))
            near = {(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)} & left
            left -= near
            border.extend(sorted(near))
        parts.append(sorted(part))
    return parts


def make_plan(random: Random, communes: int, parcels: int) -> Plan:
    """Lay `communes` communes of about `parcels` parcels out in rows, each row's limits between those of the next."""
    counts = _row_counts(communes)
    width, height = BLOCKS * max(counts), BLOCKS * len(counts)
    owners = _owners(random, counts, width, height)
    corners = tuple(sorted(_triple_points(owners, width, height)))
    urban = frozenset(cell for owner in range(communes) for cell in _urban(owners, owner, parcels))
    sides = _sides(random, owners, urban, corners, width // 2)
    return Plan(_lines(random, width), _lines(random, height), owners, sides, urban, corners)


def _row_counts(communes: int) -> list[int]:
    rows = max(1, round(sqrt(communes)))
    return [communes // rows + (row < communes % rows) for row in range(rows)]


def _lines(random: Random, count: int) -> tuple[int, ...]:
    lines = [0]
    for _ in range(count):
        lines.append(lines[-1] + random.randrange(56, 68))
    return tuple(lines)


def _owners(random: Random, counts: list[int], width: int, height: int) -> dict[Cell, int]:
    """Give each block to a commune; limits step aside by one block here and there, but not where three meet."""
    splits = [[round(width * k / n) + (1 if row % 2 else -1) for k in range(1, n)] for row, n in enumerate(counts)]
    near = {split + step for row in splits for split in row for step in (-1, 0, 1)}
    first = [sum(counts[:row]) for row in range(len(counts))]
    owners = {}
    shifts = [[0 if i in near else random.choice((-1, 0, 0, 1)) for i in range(width)] for _ in counts]
    for j in range(height):
        bend = random.choice((-1, 0, 1)) if j % BLOCKS in (2, 3) else 0
        for i in range(width):
            row = min(j // BLOCKS, len(counts) - 1)
            row = _shifted(row, j, [shift[i] for shift in shifts])
            owners[i, j] = first[row] + sum(i >= split + bend for split in splits[row])
    return owners


def _shifted(row: int, j: int, shift: list[int]) -> int:
    """Return the row of communes that a block belongs to once the limits between rows have stepped aside."""
    if row and j < row * BLOCKS + shift[row]:
        return row - 1
    if row + 1 < len(shift) and j >= (row + 1) * BLOCKS + shift[row + 1]:
        return row + 1
    return row


def _triple_points(owners: dict[Cell, int], width: int, height: int) -> Iterator[Cell]:
    for i in range(1, width):
        for j in range(1, height):
            if len({owners[i - a, j - b] for a in (0, 1) for b in (0, 1)}) == 3:
                yield i, j


def _urban(owners: dict[Cell, int], owner: int, parcels: int) -> list[Cell]:
    cells = sorted(cell for cell, one in owners.items() if one == owner)
    middle = [sum(cell[axis] for cell in cells) / len(cells) for axis in (0, 1)]
    count = max(1, min(len(cells) // 2, round(0.45 * parcels / LOTS_PER_URBAN_BLOCK)))
    return sorted(cells, key=lambda cell: (abs(cell[0] - middle[0]) + abs(cell[1] - middle[1]), cell))[:count]


def _sides(
    random: Random, owners: dict[Cell, int], urban: frozenset[Cell], triple_points: tuple[Cell, ...], river: int
) -> dict[Side, int]:
    """Return what runs along each side: towns have roads all around, triple points none, the paper's edge none."""
    seen = Counter(side for cell in sorted(owners) for side in sides_of(cell))
    town = {side for cell in urban for side in sides_of(cell)}
    sides = {}
    for side, count in seen.items():
        road = random.random() < 0.72 or side in town
        bare = count == 1 or not road or any(corner in triple_points for corner in side)
        sides[side] = RIVER if side[0][0] == side[1][0] == river else 0 if bare else ROAD
    return sides


def runs(sides: Mapping[Side, int], width: int) -> list[list[Cell]]:
    """Return the corners along each straight run of sides that bear the same thing, longest runs first."""
    found: list[list[Cell]] = []
    for axis in (0, 1):
        along = sorted(
            (s for s, w in sides.items() if w == width and s[0][axis] == s[1][axis]),
            key=lambda side: (side[0][axis], side[0]),
        )
        for before, side in pairwise([None, *along]):
            if before and before[1] == side[0]:
                found[-1].append(side[1])
            else:
                found.append(list(side))
    return sorted(found, key=lambda run: (-len(run), run))
