"""The texts on a sheet: where each word stands, how it is turned, how high it is on the paper."""

from dataclasses import dataclass
from math import atan2, cos, degrees, radians, sin

import shapely
from shapely import LineString, Point

from data_samples.edigeo_things import Thing

TEXTS = ("TEX", *(f"TEX{number}" for number in range(2, 11)))
HEIGHTS = {  # millimetres on the paper, as real sheets have them; 2 where none is said
    "LIEUDIT_id": 4.0, "NUMVOIE_id": 1.1, "SECTION_id": 8.0, "TRONFLUV_id": 3.0, "TRONROUTE_id": 2.5,
    "ZONCOMMUNI_id": 2.5,
}  # fmt: skip
ALONG = frozenset({"TRONFLUV_id", "TRONROUTE_id", "ZONCOMMUNI_id"})  # written in the direction of what they name
UNWRITTEN = frozenset({"COMMUNE_id", "PTCANV_id"})
LETTER = 0.55  # of the height: how wide a letter is, more or less


@dataclass(frozen=True, slots=True)
class Label:
    """A word: the attribute that it writes, its lower left corner, angle in degrees, height in millimetres."""

    attribute: str
    text: str
    place: tuple[float, float]
    angle: float
    height: float

    @property
    def spacing(self) -> float:
        """Return what is left between two letters, in millimetres."""
        return round(self.height / 10, 3)


def labels(thing: Thing, scale: int) -> list[Label]:
    """Return the words that name an object on a sheet at a scale, one beside the other."""
    words = [(name, thing.attributes[name]) for name in TEXTS if thing.attributes.get(name)]
    if not words or thing.class_ in UNWRITTEN:
        return []
    height = HEIGHTS.get(thing.class_, 2.0)
    metres = height * scale / 1000
    middle = _middle(thing)
    angle = _direction(thing, middle) if thing.class_ in ALONG else 0.0
    widths = [LETTER * metres * (len(word) + 1) for _, word in words]
    start = _corner(middle, angle, -sum(widths) / 2, -metres / 2)
    if thing.geometry.geom_type.endswith("Polygon") and not shapely.covers(thing.geometry, Point(start)):
        start = (round(middle.x, 2), round(middle.y, 2))
    made = []
    for (name, word), width in zip(words, widths, strict=True):
        made.append(Label(name, word, start, angle, height))
        start = _corner(Point(start), angle, width, 0)
    return made


def _middle(thing: Thing) -> Point:
    if thing.geometry.geom_type == "LineString":
        return thing.geometry.interpolate(0.5, normalized=True)
    return thing.geometry.representative_point()


def _corner(point: Point, angle: float, along: float, up: float) -> tuple[float, float]:
    """Return a place to the centimetre, so far along a direction and so far above it."""
    turn = radians(angle)
    x, y = point.x + along * cos(turn) - up * sin(turn), point.y + along * sin(turn) + up * cos(turn)
    return round(x, 2), round(y, 2)


def _direction(thing: Thing, middle: Point) -> float:
    """Return the direction of the nearest edge, so that the text is not upside down."""
    lines = thing.geometry if thing.geometry.geom_type == "LineString" else thing.geometry.boundary
    edges = [
        LineString(pair)
        for line in shapely.get_parts(lines)
        for pair in zip(line.coords, line.coords[1:], strict=False)
    ]
    (x0, y0), (x1, y1) = min(edges, key=middle.distance).coords
    angle = degrees(atan2(y1 - y0, x1 - x0)) % 360
    return round((angle + 180) % 360 if 90 < angle <= 270 else angle, 1) % 360
