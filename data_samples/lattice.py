"""From a plan on squared paper to bent ground: the one place where shared edges are made equal.

Shapes are drawn on integer coordinates, a unit being four metres, with sides along the axes. Every node that any
shape has on a line is given to all shapes on that line; then each node is moved once. Neighbours therefore share
their vertices to the last digit, and what partitions the paper partitions the ground.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import cos, hypot, pi, sin
from random import Random

from shapely import LineString, Polygon

from data_samples.country import VENDEE

type Node = tuple[int, int]
type Coordinate = tuple[float, float]

UNIT = 4.0
STEP = 8  # units between two bends of a long side: chords stay within a metre of the curve
JITTER = 0.9  # metres; two nodes are never nearer than 2.6 m
TURN = 0.11  # radians: no street runs due north


class Ground:
    """The bent ground under a set of shapes drawn on the lattice."""

    def __init__(self, seed: int, shapes: Iterable[Polygon], origin: Coordinate = VENDEE.origin) -> None:
        self._seed, self._origin = seed, origin
        self._phases = _phases(seed)
        self._placed: dict[Node, Coordinate] = {}
        rows: dict[int, set[int]] = defaultdict(set)
        columns: dict[int, set[int]] = defaultdict(set)
        for u, v in (node for shape in shapes for ring in _rings(shape) for node in ring):
            rows[v].add(u)
            columns[u].add(v)
        self._rows = {key: sorted(values) for key, values in rows.items()}
        self._columns = {key: sorted(values) for key, values in columns.items()}

    def polygon(self, shape: Polygon) -> Polygon:
        """Return `shape` on the ground, with every node of its neighbours."""
        exterior, *holes = (self._ring(ring) for ring in _rings(shape))
        return Polygon(exterior, holes)

    def line(self, nodes: Iterable[Node]) -> LineString:
        """Return the line through `nodes` on the ground, along the very sides of the shapes there."""
        return LineString([self.place(node) for node in self._noded(list(nodes))])

    def place(self, node: Node) -> Coordinate:
        """Return where a node lies, to the centimetre."""
        if node not in self._placed:
            random = Random(f"{self._seed}:{node}")
            x, y = self.bend(*node)
            moved = (x + random.uniform(-JITTER, JITTER), y + random.uniform(-JITTER, JITTER))
            self._placed[node] = (round(moved[0], 2), round(moved[1], 2))
        return self._placed[node]

    def bend(self, u: float, v: float) -> Coordinate:
        """Return where any point of the paper would lie if the ground were smooth."""
        a, b, c, d = self._phases
        x = UNIT * u + 25 * sin(2 * pi * v * UNIT / 900 + a) + 7 * sin(2 * pi * v * UNIT / 260 + b)
        y = UNIT * v + 25 * sin(2 * pi * u * UNIT / 980 + c) + 7 * sin(2 * pi * u * UNIT / 290 + d)
        east, north = self._origin
        return east + x * cos(TURN) - y * sin(TURN), north + x * sin(TURN) + y * cos(TURN)

    def direction(self, u: float, v: float) -> Coordinate:
        """Return the unit vector along which the paper's rows run at a point of the ground."""
        (x0, y0), (x1, y1) = self.bend(u, v), self.bend(u + 0.5, v)
        length = hypot(x1 - x0, y1 - y0)
        return (x1 - x0) / length, (y1 - y0) / length

    def _ring(self, ring: list[Node]) -> list[Coordinate]:
        return [self.place(node) for node in self._noded(ring)]

    def _noded(self, nodes: list[Node]) -> Iterator[Node]:
        for start, end in zip(nodes, nodes[1:], strict=False):
            yield start
            yield from self._between(start, end)
        yield nodes[-1]

    def _between(self, start: Node, end: Node) -> list[Node]:
        if start[1] == end[1]:
            return [(u, start[1]) for u in _inside(self._rows.get(start[1], []), start[0], end[0])]
        return [(start[0], v) for v in _inside(self._columns.get(start[0], []), start[1], end[1])]


def _phases(seed: int) -> list[float]:
    random = Random(f"ground:{seed}")
    return [random.uniform(0, 2 * pi) for _ in range(4)]


def _rings(shape: Polygon) -> Iterator[list[Node]]:
    for ring in (shape.exterior, *shape.interiors):
        yield [(round(u), round(v)) for u, v in ring.coords]


def _inside(known: list[int], start: int, end: int) -> list[int]:
    """Return the positions strictly between two others: those of nodes, and a bend every STEP units."""
    low, high = min(start, end), max(start, end)
    found = set(known[bisect_right(known, low) : bisect_left(known, high)])
    found.update(range(low - low % STEP + STEP, high, STEP))
    return sorted(found, reverse=start > end)
