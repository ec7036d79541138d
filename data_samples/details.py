"""The smaller objects of a sheet: street numbers, marks and signs on limits, pools, paths, wells, axes, geodesy.

A few of each a sheet, where a surveyor would draw them; the same ones for the same world.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count, islice, pairwise
from math import atan2, cos, degrees, radians, sin
from random import Random

import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon

from data_samples.cutting import cut_in_two
from data_samples.model import Batiment, Detail, Feuille, Parcelle, Shape, World

type Place = tuple[float, float]

SIDEWALK, BEHIND_FRONT = 2.8, 1.5  # metres from a road's axis; from a lot's front
FRONT, SIGNED = 3.0, 8.0  # metres of road along a lot with a number; of a limit with a sign
POOL, POND = 3.2, 12.0  # metres free around their middle
JOINT = ("39", "41", "43", "45")  # walls, ditches, fences, hedges of both neighbours; the next code: of one of them
OFFICES, FARMS = ("Mairie École", "Salle des fêtes"), ("Ferme de la Garenne", "Les Ouches")


@dataclass(frozen=True, slots=True)
class Draft:
    """A detail without its place in the numbering."""

    class_: str
    geometry: Shape
    attributes: Mapping[str, str] = field(default_factory=dict)
    parcelles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """What a sheet shows already, and the axes of its roads."""

    random: Random
    sheet: Feuille
    parcelles: list[Parcelle]
    batiments: list[Batiment]
    routes: list[Polygon]
    rivers: list[Polygon]
    axes: list[tuple[str, LineString]]

    @cached_property
    def town(self) -> bool:
        """True for a sheet of streets."""
        return self.sheet.echelle == 1000

    @cached_property
    def built(self) -> dict[str, list[Polygon]]:
        """The buildings by parcel."""
        found: dict[str, list[Polygon]] = {}
        for one in self.batiments:
            for parcelle in one.parcelles:
                found.setdefault(parcelle, []).append(one.geometry)
        return found

    @cached_property
    def corners(self) -> dict[Place, list[str]]:
        """The parcels that meet at each vertex."""
        found: dict[Place, list[str]] = {}
        for one in self.parcelles:
            for point in dict.fromkeys(map(tuple, shapely.get_coordinates(one.geometry).tolist())):
                found.setdefault(point, []).append(one.id)
        return found

    @cached_property
    def limits(self) -> dict[tuple[Place, Place], list[str]]:
        """The parcels on the two sides of each edge."""
        found: dict[tuple[Place, Place], list[str]] = {}
        for one in self.parcelles:
            for ring in _rings(one.geometry):
                for a, b in pairwise(ring):
                    found.setdefault((min(a, b), max(a, b)), []).append(one.id)
        return found


def details(world: World, axes: Mapping[str, list[tuple[str, LineString]]], rids: Iterator[int]) -> Iterator[Detail]:
    """Yield the details of every sheet; `axes` are the named roads of each, as lines."""
    for sheet in world.feuilles:
        paper = Paper(
            Random(f"details:{world.seed}:{sheet.id}"), sheet, world.of_sheet(sheet.id, world.parcelles),
            world.of_sheet(sheet.id, world.batiments),
            [one.geometry for one in world.of_sheet(sheet.id, world.routes)],
            [one.geometry for one in world.of_sheet(sheet.id, world.cours_eau)], axes.get(sheet.id, []),
        )  # fmt: skip
        for one in chain.from_iterable(make(paper) for make in MAKERS):
            yield Detail(one.class_, sheet.commune, sheet.id, next(rids), one.geometry, one.attributes, one.parcelles)


def street_numbers(paper: Paper) -> Iterator[Draft]:
    """Number houses along their road, the even side and `bis` included."""
    road = shapely.union_all(paper.routes)
    shapely.prepare(road)
    numbers = (f"{number}{suffix}" for number in count(1) for suffix in ("", " bis")[: 2 if number % 7 == 3 else 1])
    fronts = ((one, _front(one, road)) for one in paper.parcelles if one.id in paper.built)
    for one, front in islice(((one, front) for one, front in fronts if front), 14 if paper.town else 3):
        middle = front.interpolate(0.5, normalized=True)
        inward = LineString([middle, paper.built[one.id][0].centroid])
        place = _point(inward.interpolate(BEHIND_FRONT))
        yield Draft("NUMVOIE_id", place, {"TEX": next(numbers)}, (one.id,))


def marks(paper: Paper) -> Iterator[Draft]:
    """Set boundary stones at corners of surveyed parcels, a cross and a bolt where three parcels meet."""
    surveyed = [one for one in paper.parcelles if one.arpente][:3] or paper.parcelles[:1]
    stones = dict.fromkeys(
        (x, y) for one in surveyed for x, y in shapely.get_coordinates(shapely.simplify(one.geometry, 0.5)).tolist()
    )
    for place in islice((place for place in stones if place in paper.corners), 12):
        yield Draft("BORNE_id", Point(place), {}, tuple(paper.corners[place]))
    shared = [place for place, ids in paper.corners.items() if len(ids) > 2 and place not in stones]
    for place, class_ in zip(shared, ("CROIX_id", "BOULON_id", "CROIX_id"), strict=False):
        turned = {"ORI": _number(paper.random.randrange(180))} if class_ == "BOULON_id" else {}
        yield Draft(class_, Point(place), turned, tuple(paper.corners[place]))


def limit_signs(paper: Paper) -> Iterator[Draft]:
    """Say of some limits what stands along them and whose it is: a sign of one owner's points into its parcel."""
    shared = [(edge, ids) for edge, ids in paper.limits.items() if len(ids) == 2 and _length(edge) > SIGNED]
    for (start, end), ids in paper.random.sample(shared, min(8, len(shared))):
        code = paper.random.choice(JOINT)
        along, middle = _bearing(start, end), ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        if paper.random.random() < 0.5:
            yield Draft("SYMBLIM_id", _point(Point(middle)), {"SYM": code, "ORI": _number(along)}, tuple(ids))
            continue
        owned = paper.random.choice(ids)
        owner = next(one for one in paper.parcelles if one.id == owned)
        inside = _moved(middle, along + 90, 0.3)
        towards = along + 90 if owner.geometry.covers(Point(inside)) else along - 90
        signs = {"SYM": str(int(code) + 1), "ORI": _number(towards)}
        yield Draft("SYMBLIM_id", _point(Point(middle)), signs, (owner.id,))


def ponds_and_pools(paper: Paper) -> Iterator[Draft]:
    """Dig pools behind houses, ponds in fields: one in two parts."""
    if paper.town:
        for middle, radius in islice(_free(paper, POOL, built=True), 3):
            yield Draft("TSURF_id", _oblong(middle, radius, paper.random.uniform(0, 180)), {"SYM": "65"})
        return
    places = list(islice(_free(paper, POND, built=False), 3))
    waters = [_water(middle, paper.random.uniform(0.3, 0.6) * radius) for middle, radius in places]
    if waters:
        yield Draft("TSURF_id", waters[0], {"SYM": "34", "TEX": "Étang"})
    if len(waters) == 3:
        yield Draft("TSURF_id", MultiPolygon(waters[1:]), {"SYM": "34"})


def lines(paper: Paper) -> Iterator[Draft]:
    """Draw pavements on both sides of a street as one object, a path and a brook across fields, an arrow."""
    for _, axis in paper.axes[: 2 if paper.town else 0]:
        sides = [_line(axis.offset_curve(side)) for side in (SIDEWALK, -SIDEWALK)]
        yield Draft("TLINE_id", MultiLineString(sides), {"SYM": "23"})
    wide = sorted((one for one in paper.parcelles if one.id not in paper.built), key=lambda one: -one.geometry.area)
    signs = [{"SYM": "21", "TEX": "Chemin"}, {"SYM": "62"}] if not paper.town else [{"SYM": "32"}]
    for one, sign in zip(wide, signs, strict=False):
        yield Draft("TLINE_id", _across(one.geometry), sign)
    if narrow := min(paper.parcelles, key=lambda one: one.geometry.area, default=None):
        inside = narrow.geometry.representative_point()
        tail = Point(_moved((inside.x, inside.y), paper.random.uniform(0, 360), 6))
        yield Draft("TLINE_id", _line(LineString([tail, inside])), {"SYM": "31"})


def points(paper: Paper) -> Iterator[Draft]:
    """Put down wells beside houses, a calvary at a crossing, arrows along the river."""
    for middle, _ in islice(_free(paper, 2.0, built=True), 2):
        yield Draft("TPOINT_id", middle, {"SYM": "63", "ORI": _number(0)})
    for _, axis in paper.axes[-1:]:
        x, y = axis.coords[0]
        yield Draft("TPOINT_id", _point(Point(x + 3, y + 3)), {"SYM": "12", "TEX": "Calvaire", "ORI": _number(0)})
    for river in paper.rivers:
        box = shapely.minimum_rotated_rectangle(river)
        (start, end) = max(pairwise(box.exterior.coords), key=_length)
        flow = _bearing(*sorted((start, end), key=lambda place: -place[1]))
        yield Draft("TPOINT_id", _point(river.representative_point()), {"SYM": "30", "ORI": _number(flow)})


def axes(paper: Paper) -> Iterator[Draft]:
    """Name the roads along their axes."""
    for name, axis in paper.axes:
        words = name.split(" ")
        yield Draft("ZONCOMMUNI_id", axis, dict(zip(("TEX", "TEX2", "TEX3", "TEX4"), words, strict=False)))


def geodesy(paper: Paper) -> Iterator[Draft]:
    """Set points of the cadastral network on the roads: one marked by a stone, one by a rivet."""
    signs = (("74", "07", "20"), ("73", "03", "21"))
    for number, ((_, axis), (sign, mark, order)) in enumerate(zip(paper.axes, signs, strict=False), 1):
        attributes = {
            "CAN": "02", "IDU": f"{paper.sheet.id[2:5]}{paper.sheet.numero}{ord(paper.sheet.section[1])}{number}",
            "MAP": mark, "ORI": _number(0), "PALT": "00", "PPLN": order, "SYM": sign,
        }  # fmt: skip
        yield Draft("PTCANV_id", _point(axis.interpolate(0.25, normalized=True)), attributes)


def charges(paper: Paper) -> Iterator[Draft]:
    """Burden a part of a parcel."""
    free = (one for one in paper.parcelles if one.id not in paper.built and one.geometry.geom_type == "Polygon")
    for one, parts in islice(((one, parts) for one in free if (parts := cut_in_two(one.geometry))), 1):
        yield Draft("CHARGE_id", parts[0], {"TEX": "a"}, (one.id,))


def ensembles(paper: Paper) -> Iterator[Draft]:
    """Name one or two buildings."""
    names = OFFICES if paper.town else FARMS[:1]
    for one, name in zip((one for one in paper.batiments if one.type == "01"), names, strict=False):
        yield Draft("VOIEP_id", _point(one.geometry.centroid), {"TEX": name})


type Maker = Callable[[Paper], Iterator[Draft]]
MAKERS: tuple[Maker, ...] = (
    street_numbers, marks, limit_signs, ponds_and_pools, lines, points, axes, geodesy, charges, ensembles,
)  # fmt: skip


# --- geometry


def _rings(shape: Polygon | MultiPolygon) -> Iterator[list[Place]]:
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            yield list(ring.coords)


def _front(one: Parcelle, road: Polygon) -> LineString | None:
    """Return the longest line that a parcel shares with the road."""
    shared = shapely.line_merge(shapely.intersection(one.geometry.boundary, road.boundary))
    longest = max(shapely.get_parts(shared), key=shapely.length, default=None)
    return longest if longest is not None and longest.length > FRONT else None


def _free(paper: Paper, radius: float, built: bool) -> Iterator[tuple[Point, float]]:
    """Yield the middle of what is free of a parcel, and how far it is free around, where that is far enough."""
    for one in paper.random.sample(paper.parcelles, len(paper.parcelles)):
        if (one.id in paper.built) == built:
            houses = shapely.buffer(paper.built.get(one.id, []), 1.0)
            line = shapely.maximum_inscribed_circle(one.geometry.difference(shapely.union_all(houses)), tolerance=0.5)
            if line.length > radius:
                yield _point(Point(line.coords[0])), line.length


def _oblong(middle: Point, radius: float, angle: float) -> Polygon:
    half = min(radius, 5.0)
    corners = [(angle + turn) for turn in (30, 150, 210, 330)]
    return Polygon([_rounded(_moved((middle.x, middle.y), corner, half)) for corner in corners])


def _water(middle: Point, radius: float) -> Polygon:
    around = [(turn, radius * (0.8 if turn % 80 else 1.0)) for turn in range(0, 360, 40)]
    return Polygon([_rounded(_moved((middle.x, middle.y), turn, far)) for turn, far in around])


def _across(shape: Polygon | MultiPolygon) -> LineString:
    """Return a bent line across the widest part of a parcel."""
    part = max(shapely.get_parts(shape), key=shapely.area)
    middle = part.representative_point()
    box = shapely.minimum_rotated_rectangle(part)
    start, end = max(pairwise(box.exterior.coords), key=_length)
    angle, far = _bearing(start, end), _length((start, end)) / 4
    ends = [_moved((middle.x, middle.y), angle + turn, far) for turn in (0, 180)]
    bend = _moved((middle.x, middle.y), angle + 90, 2.0)
    inside = shapely.intersection(LineString([ends[0], bend, ends[1]]), part)
    return _line(max(shapely.get_parts(inside), key=shapely.length))


def _moved(place: Place, angle: float, far: float) -> Place:
    return place[0] + far * cos(radians(angle)), place[1] + far * sin(radians(angle))


def _bearing(start: Place, end: Place) -> float:
    """Return a direction in degrees, anticlockwise from the east."""
    return degrees(atan2(end[1] - start[1], end[0] - start[0]))


def _length(edge: tuple[Place, Place]) -> float:
    return LineString(edge).length


def _rounded(place: Iterable[float]) -> Place:
    x, y = place
    return round(x, 2), round(y, 2)


def _point(point: Point) -> Point:
    return Point(_rounded((point.x, point.y)))


def _line(line: LineString) -> LineString:
    return LineString([_rounded(place) for place in line.coords])


def _number(angle: float) -> str:
    """Return an angle as lots write it: with its sign, in degrees."""
    return f"{angle % 360:+.6f}"
