"""Is an object that GDAL gives the whole of what the text says? If not, the text completes it. Pure."""

import math
from dataclasses import dataclass

import shapely
from shapely import Geometry

from etl.edigeo_text import Shapes

TOLERANCE = 0.01  # of the lot's unit, the metre, over a whole outline


@dataclass(frozen=True, slots=True)
class Compared:
    """The geometry to go on with; what was wrong with GDAL's; `completed` where the text gave what was missing.

    A sound one needs no closer look.
    """

    geometry: Geometry | None
    fault: str | None = None
    sound: bool = False

    @property
    def completed(self) -> bool:
        """True where a part that GDAL lost was found again."""
        return self.geometry is not None and self.fault is not None


def compare(rid: str, given: Geometry | None, shapes: Shapes | None) -> Compared:
    """Compare an object with its faces, arcs or nodes in the text: by the length of its outline, by its points."""
    if given is None or given.is_empty or shapes is None or rid not in shapes.made_of:
        return Compared(given)  # nothing to compare: a missing geometry is refused where all are checked
    told = shapes.length(rid)
    if told is None:
        nodes = len(shapes.made_of[rid])
        number = int(shapely.get_num_coordinates(given))
        return Compared(given) if nodes == number else Compared(None, f"{nodes} points dans le texte, {number} lus")
    if not math.isfinite(told):
        return Compared(None, "coordonnées illisibles dans le texte")
    if abs(told - given.length) <= TOLERANCE:
        return Compared(given)
    return completed(rid, given, told, shapes)


def completed(rid: str, given: Geometry, told: float, shapes: Shapes) -> Compared:
    """Return an object made from the text alone, where that is as long as the text says."""
    fault = f"{told:.2f} m de contour dans le texte, {given.length:.2f} rendus par GDAL"
    made = shapes.geometry(rid)
    if not made.is_empty and abs(told - made.length) <= TOLERANCE:
        return Compared(made, f"complété d'après le texte : {fault}")
    return Compared(None, f"géométrie incomplète : {fault}")
