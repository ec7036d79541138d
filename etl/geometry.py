"""Check a geometry, repair it, or reject it with the reason. Pure: it neither logs, counts nor drops."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyproj
import shapely
from pyproj.transformer import TransformerGroup
from shapely import Geometry

from catalog.errors import DeliveryError
from catalog.territories import installation

MAX_VERTICES = 200_000  # beyond it even checking is refused
MAX_INVALID_VERTICES = 5_000  # make_valid of 20,000 took 8 GB
MAX_AREA_CHANGE = 0.01
MIN_LENGTH = 0.001
GRIDS = Path("/usr/share/proj")  # where the distribution puts them: pyproj brings none
NTF_GRID = "ntf_r93.gsb"
SHOWN = 40  # characters of what is said to be a system of coordinates
DEGREES = (-180.0, -90.0, 180.0, 90.0)

Repairer = Callable[[bytes], bytes | None]

FAULTS = {
    "Self-intersection": "le contour se coupe lui-même",
    "Ring Self-intersection": "un anneau se touche ou se coupe lui-même",
    "Hole lies outside shell": "un trou est hors du contour",
    "Holes are nested": "des trous sont emboîtés",
    "Nested holes": "des trous sont emboîtés",
    "Nested shells": "des contours sont emboîtés",
    "Duplicate Rings": "un anneau est répété",
    "Interior is disconnected": "l'intérieur est en morceaux",
    "Too few points in geometry component": "un anneau a trop peu de points",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A geometry to load, or None; and what was wrong with it."""

    geometry: Geometry | None
    fault: str | None = None

    @property
    def repaired(self) -> bool:
        """True where it was wrong and no longer is."""
        return self.geometry is not None and self.fault is not None


def from_wkb(bodies: Sequence[bytes]) -> np.ndarray:
    """Read geometries, flat; what cannot be read is None."""
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are looked for afterwards
        read = shapely.from_wkb(np.array(list(bodies), dtype=object), on_invalid="ignore")
        return shapely.force_2d(np.array(read, dtype=object))


def usable_crs(crs: str | None) -> pyproj.CRS:
    """Return a system of coordinates on the ground. Raises DeliveryError for none, or one that is not."""
    try:
        system = pyproj.CRS.from_user_input(crs) if crs else None
    except pyproj.exceptions.CRSError as error:
        raise DeliveryError(f"système de coordonnées inconnu : {str(crs)[:SHOWN]} ; voyez --crs (EPSG:2154)") from error
    if system is None:
        raise DeliveryError("fichier sans système de coordonnées : indiquez-le par --crs")
    if not (system.is_projected or system.is_geographic):
        raise DeliveryError(f"système de coordonnées qui n'est pas au sol ({system.name[:SHOWN]}) : voyez --crs")
    return system


def transformed(geometries: np.ndarray, system: pyproj.CRS) -> np.ndarray:
    """Bring geometries into the installation's system; coordinates that have no place there become infinite."""
    srid = installation().srid
    if system.to_epsg() == srid:
        return geometries
    try:
        change = transformer(system, srid)
    except pyproj.exceptions.ProjError as error:
        raise DeliveryError(f"système de coordonnées sans passage vers EPSG:{srid} : voyez --crs") from error

    def moved(points: np.ndarray) -> np.ndarray:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    return shapely.transform(geometries, moved)


def transformer(system: pyproj.CRS, srid: int) -> pyproj.Transformer:
    """Return the passage from a system to another, with the distribution's grids where they are."""
    with_grids()
    return pyproj.Transformer.from_crs(system, srid, always_xy=True)


@cache
def with_grids() -> bool:
    """Let PROJ find the grids that the distribution brings; False where there is none for old French systems."""
    found = (GRIDS / NTF_GRID).is_file()
    if found:
        pyproj.datadir.append_data_dir(str(GRIDS))
    return found


def accuracy(system: pyproj.CRS) -> float | None:
    """Return how far off, in metres, a place may be once brought here; None where nobody says."""
    with_grids()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a better grid than those that are here
        known = TransformerGroup(system, installation().srid, always_xy=True).transformers
    return known[0].accuracy if known and known[0].accuracy >= 0 else None


def within(geometry: Geometry, box: tuple[float, float, float, float]) -> bool:
    """True where every coordinate is a number inside a box."""
    points = shapely.get_coordinates(geometry)
    low, high = np.array(box[:2]), np.array(box[2:])
    return bool(np.isfinite(points).all() and (points >= low).all() and (points <= high).all())


def sound(geometries: np.ndarray) -> np.ndarray:
    """Return, all at once, those that need no closer look as tables take them, in their places; None elsewhere."""
    made = np.full(len(geometries), None, dtype=object)
    places = np.flatnonzero(shapely.get_num_coordinates(geometries) - 1 < MAX_VERTICES)
    boxes, ground = shapely.bounds(geometries[places]), np.array(installation().ground)
    places = places[(boxes[:, :2] >= ground[:2]).all(axis=1) & (boxes[:, 2:] <= ground[2:]).all(axis=1)]
    places = places[np.asarray(shapely.is_valid(geometries[places]))]
    kept = geometries[places]
    kinds, areas, lengths = shapely.get_type_id(kept), shapely.area(kept), shapely.length(kept)
    for kind, several, enough in (
        (shapely.GeometryType.POINT, None, lengths == 0),
        (shapely.GeometryType.LINESTRING, shapely.multilinestrings, lengths >= MIN_LENGTH),
        (shapely.GeometryType.MULTILINESTRING, None, lengths >= MIN_LENGTH),
        (shapely.GeometryType.POLYGON, shapely.multipolygons, areas > 0),
        (shapely.GeometryType.MULTIPOLYGON, None, areas > 0),
    ):
        own = np.flatnonzero((kinds == kind) & enough)
        made[places[own]] = several(kept[own], indices=np.arange(len(own))) if several and len(own) else kept[own]
    return made


def check_polygon(geometry: Geometry | None, repair: Repairer) -> Checked:
    """Return a valid MultiPolygon in France, or None and the fault."""
    if (fault := unusable(geometry)) is not None:
        return Checked(None, fault)
    assert geometry is not None
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return Checked(None, f"un polygone est attendu, pas {geometry.geom_type}")
    if geometry.is_valid:
        return Checked(multi(geometry)) if geometry.area else Checked(None, "surface nulle")
    return repaired_polygon(geometry, repair)


def repaired_polygon(geometry: Geometry, repair: Repairer) -> Checked:
    """Return the repair of an invalid polygon, or None where it is too large or would become another thing."""
    fault = french_fault(geometry)
    if max(map(shapely.get_num_points, rings(geometry))) > MAX_INVALID_VERTICES:
        return Checked(None, f"{fault} ; anneau de plus de {MAX_INVALID_VERTICES} sommets : non réparé")
    answer = repair(shapely.to_wkb(geometry))
    if answer is None:
        return Checked(None, f"{fault} ; réparation trop longue ou trop lourde")
    polygons = only_polygons(shapely.from_wkb(answer))
    if polygons is None or not polygons.is_valid:
        return Checked(None, f"{fault} ; irréparable")
    if abs(polygons.area - geometry.area) > MAX_AREA_CHANGE * polygons.area:
        return Checked(None, f"{fault} ; la réparation changerait la surface")
    return Checked(polygons, fault)


def check_line(geometry: Geometry | None) -> Checked:
    """Return a MultiLineString in France, or None and the fault."""
    if (fault := unusable(geometry)) is not None:
        return Checked(None, fault)
    assert geometry is not None
    if geometry.geom_type not in ("LineString", "MultiLineString"):
        return Checked(None, f"une ligne est attendue, pas {geometry.geom_type}")
    if geometry.length < MIN_LENGTH:
        return Checked(None, "longueur nulle")
    return Checked(multi(geometry))


def check_point(geometry: Geometry | None) -> Checked:
    """Return a Point in France, or None and the fault."""
    if (fault := unusable(geometry)) is not None:
        return Checked(None, fault)
    assert geometry is not None
    if geometry.geom_type != "Point":
        return Checked(None, f"un point est attendu, pas {geometry.geom_type}")
    return Checked(geometry)


def checked(kind: str, geometry: Geometry | None, repair: Repairer) -> Checked:
    """Return a geometry as a table of that kind takes it, or None and the fault."""
    if kind == "Point":
        return check_point(geometry)
    return check_line(geometry) if kind == "MultiLineString" else check_polygon(geometry, repair)


def unusable(geometry: Geometry | None) -> str | None:
    """Return what makes a geometry of any type unusable, or None."""
    if geometry is None or geometry.is_empty:
        return "géométrie absente"
    if shapely.get_num_coordinates(geometry) > MAX_VERTICES:
        return f"plus de {MAX_VERTICES} sommets"
    points = shapely.get_coordinates(geometry)
    if not np.isfinite(points).all():
        return "coordonnées non numériques (NaN ou infini)"
    if not within(geometry, installation().ground):
        return f"coordonnées hors de {installation().name} : système de coordonnées faux ou coordonnées fausses"
    return None


def rings(geometry: Geometry) -> list[Geometry]:
    """Return every ring of a polygon or of several."""
    return list(shapely.get_rings(shapely.get_parts(geometry)))


def only_polygons(geometry: Geometry) -> Geometry | None:
    """Return the polygons of a repair as one MultiPolygon, or None where it has none."""
    found = shapely.get_parts(shapely.get_parts(geometry))
    parts = [part for part in found if part.geom_type == "Polygon" and part.area]
    return shapely.MultiPolygon(parts) if parts else None


def multi(geometry: Geometry) -> Geometry:
    """Return the geometry as one of several parts, as tables hold it."""
    if geometry.geom_type == "Polygon":
        return shapely.MultiPolygon([geometry])
    if geometry.geom_type == "LineString":
        return shapely.MultiLineString([geometry])
    return geometry


def french_fault(geometry: Geometry) -> str:
    """Say what GEOS finds wrong, and where."""
    reason, _, place = shapely.is_valid_reason(geometry).partition("[")
    words = FAULTS.get(reason.strip(), "géométrie invalide")
    return f"{words} vers {place.rstrip(']')}" if place else words
