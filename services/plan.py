"""A parcel → the plan around it: what is drawn, at which scale, on which sheet. `plan_drawing.py` draws it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import shapely
from psycopg import sql

from catalog import quotas
from catalog.database import Connection, Pool, as_principal, query
from catalog.errors import BadRequest, NotFound
from catalog.loader import datasets
from catalog.model import BASE, Dataset, Principal
from services.reading import note
from services.statements import template

SCALES = (200, 250, 500, 1000, 1250, 2000, 2500, 5000)
MARGIN = 10.0  # millimetres of paper around everything
BLOCK = 46.0  # height of the title block, in millimetres
AIR = 30.0  # at least so many millimetres around the parcel, for its neighbours

LAYERS = {  # datasets → where Plan has them
    "parcelles": "parcels", "batiments": "buildings", "sections": "sections", "communes": "communes",
    "lieux_dits": "localities", "troncons_cours_eau": "rivers", "surfaces": "surfaces", "lignes": "lines",
    "points_divers": "points", "symboles_limites": "signs", "bornes": "marks", "numeros_voirie": "numbers",
    "etiquettes": "words",
}  # fmt: skip
PARCEL_ID = re.compile(r"[0-9A-Z]{14}")

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Parcel:
    """The parcel that is asked for; `geometry` is in metres of the installation's system."""

    id: str
    commune: str
    prefixe: str
    section: str
    numero: str
    contenance: int | None
    edition: date
    commune_name: str | None
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing on the plan: its name or the code of its sign.

    `turn` is in degrees, anticlockwise from the east; `size` is the height of its letters on the ground, in metres.
    """

    name: str | None
    geometry: shapely.Geometry
    turn: float | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of A4: the frame of the map in millimetres of paper, and the ground that it shows."""

    scale: int
    landscape: bool
    centre: tuple[float, float]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper, in millimetres."""
        return (297.0, 210.0) if self.landscape else (210.0, 297.0)

    @property
    def frame(self) -> Box:
        """The frame of the map on the paper, in millimetres from the bottom left corner."""
        width, height = self.size
        return (MARGIN, MARGIN + BLOCK, width - MARGIN, height - MARGIN)

    @property
    def ground(self) -> Box:
        """The ground that the frame shows, in metres."""
        left, bottom, right, top = self.frame
        width, height = (right - left) * self.scale / 1000, (top - bottom) * self.scale / 1000
        x, y = self.centre
        return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def paper(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the ground is on the paper, in millimetres."""
        west, south, _, _ = self.ground
        return (self.frame[0] + (x - west) * 1000 / self.scale, self.frame[1] + (y - south) * 1000 / self.scale)

    def fits(self, box: Box) -> bool:
        """Say whether a box on the ground is within the frame, with air around it."""
        air = AIR * self.scale / 1000
        west, south, east, north = self.ground
        return west + air <= box[0] and south + air <= box[1] and box[2] <= east - air and box[3] <= north - air


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is drawn."""

    parcel: Parcel
    sheet: Sheet
    printed: date
    parcels: tuple[Shape, ...] = ()
    buildings: tuple[Shape, ...] = ()
    sections: tuple[Shape, ...] = ()
    communes: tuple[Shape, ...] = ()
    localities: tuple[Shape, ...] = ()
    rivers: tuple[Shape, ...] = ()
    surfaces: tuple[Shape, ...] = ()
    lines: tuple[Shape, ...] = ()
    points: tuple[Shape, ...] = ()
    signs: tuple[Shape, ...] = ()
    marks: tuple[Shape, ...] = ()
    numbers: tuple[Shape, ...] = ()
    words: tuple[Shape, ...] = ()

    @property
    def whole(self) -> bool:
        """Say whether the parcel is on the sheet as a whole."""
        return shapely.box(*self.sheet.ground).contains(self.parcel.geometry)


def choose_sheet(box: Box, scale: int | None = None) -> Sheet:
    """Return the sheet for a parcel's box: at the scale asked for, else at the largest at which it fits."""
    centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    candidates = [Sheet(one, side, centre) for one in ([scale] if scale else SCALES) for side in (False, True)]
    wider = box[2] - box[0] > box[3] - box[1]
    return next((sheet for sheet in candidates if sheet.fits(box)), candidates[-1 if wider else -2])


def read_scale(value: object) -> int | None:
    """Read the scale that is asked for: the number below the line. Raises BadRequest."""
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value not in SCALES:
        raise BadRequest(f"L'échelle est l'une de {', '.join(map(str, SCALES))}.", "echelle")
    return value


def read_plan(pool: Pool, principal: Principal, id: object, scale: int | None = None) -> Plan:
    """Read the plan around a parcel, as far as the caller may see it. Raises NotFound for one that it may not."""
    if not isinstance(id, str) or not PARCEL_ID.fullmatch(id):
        raise NotFound
    quotas.request(principal, "parcelles", "image")
    with as_principal(pool, principal, "image") as connection:
        row = connection.execute(query("plan_parcelle", "services"), {"id": id}).fetchone()
        if row is None:
            raise NotFound
        *attributes, printed, geometry = row
        parcel = Parcel(*attributes, geometry=shapely.from_wkb(geometry))
        sheet = choose_sheet(parcel.geometry.bounds, scale)
        for layer in LAYERS:
            _note(connection, principal, datasets()[layer], sheet.ground)
        shapes = {place: tuple(_shapes(connection, layer, sheet.ground)) for layer, place in LAYERS.items()}
        return Plan(parcel, sheet, printed, **shapes)


def _note(connection: Connection, principal: Principal, dataset: Dataset, ground: Box) -> None:
    rows = template("register_plan").format(table=sql.Identifier(*dataset.group_table()))
    note(connection, principal, dataset, "image", (BASE,), rows, ground)


def _shapes(connection: Connection, layer: str, ground: Box) -> Iterator[Shape]:
    for name, geometry, *more in connection.execute(query(f"plan_{layer}", "services"), ground):
        yield Shape(name, shapely.from_wkb(geometry), *more)
