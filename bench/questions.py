"""What is asked: pages, boxes and tiles at random places of what a tenant sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import morecantile
from pyproj import Transformer

from bench.peers import Peer
from catalog.database import Connection, query

PAGES = (10, 100, 1000, 10_000)
ZOOMS = (14, 16)
PLACES = 40
DENSITY = 420 / 600**2  # parcels a square metre of the invented département
FULL = (0.5, 1.0)  # a box holds at least half a page, and never more than one

Box = tuple[float, float, float, float]
Tile = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question, asked at several places."""

    kind: str
    size: int
    places: tuple[Box | Tile | None, ...]

    @property
    def label(self) -> str:
        """How the table calls it."""
        if self.kind == "tile":
            return f"tuile z{self.size}"
        return f"{'page de' if self.kind == 'page' else 'boîte de'} {self.size}"

    def urls(self, peer: Peer) -> list[str]:
        """Return this question as a peer understands it; nothing where it cannot."""
        template = getattr(peer, self.kind)
        return [self.url(template, place) for place in self.places] if template else []

    def url(self, template: str, place: Box | Tile | None) -> str:
        """Fill one place in."""
        if self.kind == "tile":
            return template.format(**dict(zip("zxy", place, strict=True)))
        box = ",".join(f"{degrees:.7f}" for degrees in place or ())
        return template.format(limit=self.size, box=box)


def questions(connection: Connection, communes: Sequence[str]) -> list[Question]:
    """Return all the questions for a tenant that sees these communes."""
    pages = [Question("page", size, (None,)) for size in PAGES]
    boxes = [Question("box", size, full_boxes(connection, communes, size)) for size in PAGES]
    points = places(connection, communes, "tiles", PLACES)
    tiles = [Question("tile", zoom, tuple(tile_at(*point, zoom) for point in points)) for zoom in ZOOMS]
    return [question for question in pages + boxes + tiles if question.places]


def full_boxes(connection: Connection, communes: Sequence[str], size: int) -> tuple[Box, ...]:
    """Return boxes that hold about a page of parcels, and so give every server the same features."""
    wanted = max(4, min(PLACES, 20_000 // size))
    boxes: list[Box] = []
    for point in places(connection, communes, f"boxes of {size}", 10 * wanted):
        box = box_around(*point, sqrt(0.8 * size / DENSITY))
        if FULL[0] * size <= held(connection, communes, box) <= FULL[1] * size:
            boxes.append(box)
        if len(boxes) == wanted:
            break
    return tuple(boxes)


def places(connection: Connection, communes: Sequence[str], seed: str, count: int) -> list[tuple[float, float]]:
    """Return random places, in metres, the same ones in each run."""
    values = {"communes": list(communes), "seed": seed, "count": count}
    return connection.execute(query("pick_places", "bench"), values).fetchall()


def held(connection: Connection, communes: Sequence[str], box: Box) -> int:
    """Count the parcels of a box."""
    values = dict(zip(("west", "south", "east", "north"), box, strict=True), communes=list(communes))
    return connection.execute(query("count_box", "bench"), values).fetchone()[0]


def box_around(x: float, y: float, side: float) -> Box:
    """Return a box in degrees whose side is about that many metres."""
    longitude, latitude = to_degrees().transform(x, y)
    east, north = to_degrees().transform(x + side / 2, y + side / 2)
    across, up = abs(east - longitude), abs(north - latitude)
    return longitude - across, latitude - up, longitude + across, latitude + up


def tile_at(x: float, y: float, zoom: int) -> Tile:
    """Return the tile of a place as (zoom, column, row)."""
    tile = morecantile.tms.get("WebMercatorQuad").tile(*to_degrees().transform(x, y), zoom)
    return zoom, tile.x, tile.y


@cache
def to_degrees() -> Transformer:
    """From Lambert-93 to longitude and latitude."""
    return Transformer.from_crs(2154, 4326, always_xy=True)
