"""Faces and arcs: what a set of polygons looks like once each shared edge is kept once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from shapely import Polygon, normalize

type Coordinate = tuple[float, float]
type Edge = tuple[Coordinate, Coordinate]

OUTSIDE = 0


@dataclass(frozen=True, slots=True)
class Arc:
    """A line between two nodes, with the face on its left and the face on its right."""

    points: tuple[Coordinate, ...]
    left: int
    right: int


def rings(polygon: Polygon) -> Iterator[tuple[Coordinate, ...]]:
    """Yield the rings of a polygon, each run so that the inside is on its left."""
    clockwise = normalize(polygon)  # a normalised exterior runs clockwise, its holes the other way
    for ring in (clockwise.exterior, *clockwise.interiors):
        yield tuple(ring.coords)[::-1]


def arcs(faces: Mapping[int, Polygon]) -> list[Arc]:
    """Return the arcs around faces that share their vertices; numbers of faces start at 1."""
    left = {edge: face for face, polygon in faces.items() for ring in rings(polygon) for edge in _edges(ring)}
    onward: dict[Coordinate, set[Coordinate]] = defaultdict(set)
    for start, end in left:
        onward[start].add(end)
        onward[end].add(start)
    nodes = {point for point in onward if _is_node(point, onward[point], left)}
    return [_arc(points, left) for points in _chains(onward, nodes)]


def _edges(ring: Iterable[Coordinate]) -> Iterator[Edge]:
    points = list(ring)
    yield from zip(points, points[1:], strict=False)


def _sides(edge: Edge, left: Mapping[Edge, int]) -> tuple[int, int]:
    return left.get(edge, OUTSIDE), left.get(edge[::-1], OUTSIDE)


def _is_node(point: Coordinate, around: set[Coordinate], left: Mapping[Edge, int]) -> bool:
    """Say whether arcs must end here: where other than two edges meet, or where a face changes."""
    if len(around) != 2:
        return True
    before, after = around
    return _sides((before, point), left) != _sides((point, after), left)


def _chains(onward: Mapping[Coordinate, set[Coordinate]], nodes: set[Coordinate]) -> Iterator[list[Coordinate]]:
    """Yield each edge once, in chains from node to node, then the closed chains that meet no node."""
    done: set[frozenset[Coordinate]] = set()
    for start in [*sorted(nodes), *sorted(onward)]:
        for following in sorted(onward[start]):
            if frozenset((start, following)) not in done:
                yield _follow(start, following, onward, nodes, done)


def _follow(
    start: Coordinate,
    following: Coordinate,
    onward: Mapping[Coordinate, set[Coordinate]],
    nodes: set[Coordinate],
    done: set[frozenset[Coordinate]],
) -> list[Coordinate]:
    chain = [start, following]
    done.add(frozenset((start, following)))
    while chain[-1] not in nodes and chain[-1] != start:
        (next_point,) = onward[chain[-1]] - {chain[-2]}
        done.add(frozenset((chain[-1], next_point)))
        chain.append(next_point)
    return chain


def _arc(points: list[Coordinate], left: Mapping[Edge, int]) -> Arc:
    return Arc(tuple(points), *_sides((points[0], points[1]), left))
