"""Known edits of the parcels of a world: what a later edition should be found to have done, by nature and by ids.

Each edit takes parcels that no other takes. Those of `STILL` move outlines less than surveys do: they are none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from random import Random

import numpy as np
import shapely
from shapely import Polygon
from shapely.affinity import translate

from data_samples.cutting import cut_in_two
from data_samples.model import Parcelle, World

EDGE = 3.0  # metres that neighbours share at least
WIDEST_STILL = 0.2
DRAWN = ("parcelles", "batiments", "lieux_dits", "subdivisions_fiscales", "routes", "cours_eau", "details")


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done: ids before and after, in order."""

    nature: str
    before: tuple[str, ...]
    after: tuple[str, ...]


type Outcome = tuple[str, list[Parcelle], list[Parcelle]]  # nature, before, after
type Maker = Callable[["Editor"], Outcome | None]


@dataclass
class Editor:
    """The parcels of some sheets that no edit has taken yet."""

    random: Random
    free: dict[str, Parcelle]
    roads: list[Polygon]
    last: dict[str, int]  # by section, the highest number

    def take(self, *parcels: Parcelle) -> list[Parcelle]:
        """Take parcels away from later edits."""
        return [self.free.pop(one.id) for one in parcels]

    def some(self) -> Iterator[Parcelle]:
        """Yield free parcels in a random order."""
        yield from self.random.sample(list(self.free.values()), len(self.free))

    def neighbours(self) -> Iterator[tuple[Parcelle, Parcelle]]:
        """Yield free parcels that share an edge and, together, have one outline, in a random order."""
        for one in self.some():
            for other in self.some():
                if other is not one and one.sheet == other.sheet and _touching(one.geometry, other.geometry):
                    yield one, other

    def renumbered(self, like: Parcelle, geometry: Polygon) -> Parcelle:
        """Return a parcel under the next number of its section."""
        section = like.id[:10]
        self.last[section] += 1
        numero = f"{self.last[section]:04d}"
        return replace(like, id=section + numero, numero=numero, geometry=geometry)


def edited(
    world: World, sheets: set[str], seed: int, edition: date | None = None, rounds: int = 2, still: bool = True
) -> tuple[World, list[Edit]]:
    """Return a world with random edits in some sheets, and what they are."""
    random = Random(seed)
    held = {one.id: one for one in world.parcelles}
    last = {one.id[:10]: max(int(other.numero) for other in held.values() if other.id[:10] == one.id[:10])
            for one in held.values()}  # fmt: skip
    roads = [one.geometry for one in world.routes if one.sheet in sheets and one.geometry.area > 20]
    taxed = {part.parcelle for part in world.subdivisions_fiscales}  # a lot ties these to their parcels
    free = {
        id: one
        for id, one in held.items()
        if one.sheet in sheets and id not in taxed and one.geometry.geom_type == "Polygon"
    }
    editor = Editor(random, free, roads, last)
    done = []
    makers = [*EDITS, *(STILL if still else ())] * rounds
    numbers = count(1 + max(one.rid for kind in DRAWN for one in getattr(world, kind)))
    for make in random.sample(makers, len(makers)):
        if (outcome := make(editor)) is None:
            continue
        nature, before, after = outcome
        for one in before:
            del held[one.id]
        held |= {one.id: replace(one, rid=next(numbers)) for one in after}
        done += _edits(nature, before, after)
    feuilles = tuple(
        replace(one, edition=edition or one.edition) if one.id in sheets else one for one in world.feuilles
    )
    return replace(world, parcelles=tuple(held.values()), feuilles=feuilles), done


def _edits(nature: str, before: list[Parcelle], after: list[Parcelle]) -> list[Edit]:
    if not nature:
        return []
    if nature == "renumérotation":
        return [Edit(nature, (old.id,), (new.id,)) for old, new in zip(before, after, strict=True)]
    return [Edit(nature, *(tuple(sorted(one.id for one in side)) for side in (before, after)))]


def divided(editor: Editor) -> Outcome | None:
    """Cut a parcel in two: both parts have new numbers, or the first keeps the old one."""
    for one in editor.some():
        if parts := cut_in_two(one.geometry):
            first = editor.random.choice([editor.renumbered, lambda like, part: replace(like, geometry=part)])
            return "division", editor.take(one), [first(one, parts[0]), editor.renumbered(one, parts[1])]
    return None


def united(editor: Editor) -> Outcome | None:
    """Make one parcel of two neighbours."""
    for one, other in editor.neighbours():
        return "réunion", editor.take(one, other), [editor.renumbered(one, one.geometry.union(other.geometry))]
    return None


def reshaped(editor: Editor) -> Outcome | None:
    """Give a part of a parcel to its neighbour: both keep their numbers."""
    for one, other in editor.neighbours():
        for kept, given in _both_ways(cut_in_two(one.geometry)):
            if _touching(given, other.geometry):
                larger = replace(other, geometry=other.geometry.union(given))
                return "modification", editor.take(one, other), [replace(one, geometry=kept), larger]
    return None


def shortened(editor: Editor) -> Outcome | None:
    """Take a part of a parcel for the road: it keeps its number."""
    for one in editor.some():
        if parts := cut_in_two(one.geometry):
            return "modification", editor.take(one), [replace(one, geometry=parts[0])]
    return None


def reworked(editor: Editor) -> Outcome | None:
    """Draw the limit of two neighbours anew, under new numbers."""
    for one, other in editor.neighbours():
        parts = cut_in_two(one.geometry.union(other.geometry))
        if parts and all(_differ(part, old.geometry) for part in parts for old in (one, other)):
            return "remaniement", editor.take(one, other), [editor.renumbered(one, part) for part in parts]
    return None


def renumbered(editor: Editor) -> Outcome | None:
    """Give a parcel another number."""
    for one in editor.some():
        return "renumérotation", editor.take(one), [editor.renumbered(one, one.geometry)]
    return None


def exchanged(editor: Editor) -> Outcome | None:
    """Let two neighbours exchange their numbers."""
    for one, other in editor.neighbours():
        swapped = [replace(other, geometry=one.geometry), replace(one, geometry=other.geometry)]
        return "renumérotation", editor.take(one, other), swapped
    return None


def created(editor: Editor) -> Outcome | None:
    """Make a parcel of a piece of road."""
    for one in editor.some():
        if editor.roads:
            return "création", [], [editor.renumbered(one, editor.roads.pop())]
    return None


def suppressed(editor: Editor) -> Outcome | None:
    """Take a parcel away."""
    for one in editor.some():
        return "suppression", editor.take(one), []
    return None


def adjusted(editor: Editor) -> Outcome | None:
    """Move each corner of a parcel by less than a survey does."""
    for one in editor.some():
        geometry = _jittered(editor.random, one.geometry)
        return ("", editor.take(one), [replace(one, geometry=geometry)]) if geometry.is_valid else None
    return None


def shifted(editor: Editor) -> Outcome | None:
    """Fit a parcel anew: it moves whole, by less than four metres."""
    for one in editor.some():
        east, north = (editor.random.uniform(-2.5, 2.5) for _ in range(2))
        return "", editor.take(one), [replace(one, geometry=translate(one.geometry, east, north))]
    return None


def drawn_otherwise(editor: Editor) -> Outcome | None:
    """Draw the same outline with more vertices, the other way round."""
    for one in editor.some():
        geometry = shapely.reverse(shapely.segmentize(one.geometry, 4.0))
        return "", editor.take(one), [replace(one, geometry=geometry)]
    return None


def surveyed(editor: Editor) -> Outcome | None:
    """Say of a parcel another area, that it was surveyed, or both: its outline stays."""
    for one in editor.some():
        measured = replace(one, contenance=(one.contenance or 0) + editor.random.randint(1, 50))
        said = [measured, replace(one, arpente=not one.arpente), replace(measured, arpente=not one.arpente)]
        return "attributs", editor.take(one), [editor.random.choice(said)]
    return None


EDITS: tuple[Maker, ...] = (
    divided, united, reshaped, shortened, reworked, renumbered, exchanged, created, suppressed, surveyed,
)  # fmt: skip
STILL: tuple[Maker, ...] = (adjusted, shifted, drawn_otherwise)


def _touching(one: Polygon, other: Polygon) -> bool:
    """Tell whether two polygons share an edge and make one without a hole."""
    if one.intersection(other).length < EDGE:
        return False
    both = one.union(other)
    return both.geom_type == "Polygon" and not both.interiors


def _jittered(random: Random, polygon: Polygon) -> Polygon:
    def moved(points: np.ndarray) -> np.ndarray:
        moves = np.array([[random.uniform(-1, 1) for _ in range(2)] for _ in points]) * WIDEST_STILL
        moves[-1] = moves[0]
        return points + moves

    return Polygon(moved(shapely.get_coordinates(polygon.exterior)), [ring.coords for ring in polygon.interiors])


def _both_ways(parts: tuple[Polygon, ...]) -> Iterator[tuple[Polygon, Polygon]]:
    if parts:
        yield parts[0], parts[1]
        yield parts[1], parts[0]


def _differ(one: Polygon, other: Polygon) -> bool:
    return shapely.hausdorff_distance(one, other) > 1
