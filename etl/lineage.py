"""What became of parcels: their lineage by ground and by number, from one edition to the next. Pure.

Lengths are metres in EPSG:2154. What moved less than `TOLERANCE` has not changed: outlines are adjusted from one export
to the next. A parcel that keeps its number and its form may lie up to `MAX_SHIFT` away: whole sheets are fitted anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from shapely import Geometry

from etl.geometry import only_polygons

TOLERANCE = 0.5
MAX_SHIFT = 5.0
MOST = 0.5  # of the smaller of two parcels: what they share is lineage, however narrow

CREATION, SUPPRESSION, DIVISION, MERGER = "création", "suppression", "division", "réunion"
RESHAPING, RENUMBERING, REWORK, FUSION = "modification", "renumérotation", "remaniement", "fusion de communes"
ATTRIBUTES = "attributs"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel of one edition. `key` is its id as the later edition says it: another where communes merged."""

    id: str
    key: str
    geometry: Geometry
    edition: date | None = None
    attributes: tuple[str | None, ...] = ()


Parcels = Sequence[Parcel]


@dataclass(frozen=True, slots=True)
class Mutation:
    """What some parcels became."""

    nature: str
    before: tuple[Parcel, ...]
    after: tuple[Parcel, ...]

    @property
    def ids(self) -> tuple[list[str], list[str]]:
        """The identifiers before and after, in order."""
        return sorted(one.id for one in self.before), sorted(one.id for one in self.after)

    @property
    def keys(self) -> set[str]:
        """The identifiers as the later edition says them."""
        return {one.key for one in (*self.before, *self.after)}

    @property
    def areas(self) -> tuple[float, float]:
        """The area before and after, m²."""
        before, after = (sum(one.geometry.area for one in side) for side in (self.before, self.after))
        return round(before, 2), round(after, 2)

    @property
    def ground(self) -> Geometry | None:
        """All the ground that it concerns."""
        return only_polygons(shapely.union_all([one.geometry for one in (*self.before, *self.after)]))

    @property
    def previous(self) -> date | None:
        """The newest edition of the parcels before."""
        return max((one.edition for one in self.before if one.edition), default=None)


def mutations(before: Parcels, after: Parcels) -> list[Mutation]:
    """Return what became of the parcels that a later edition holds otherwise, in the order of identifiers."""
    kept = kept_as_they_were(before, after)
    pairs = renumberings(without(before, kept, 0), without(after, kept, 1))
    apart = [*kept, *pairs]
    families = grouped(without(before, apart, 0), without(after, apart, 1))
    found = [*merged_communes(kept), *attributes(kept), *(Mutation(RENUMBERING, (old,), (new,)) for old, new in pairs)]
    found += [Mutation(nature(*family), *family) for family in families]
    return sorted(found, key=lambda one: (one.ids[::-1], one.nature))


def without(parcels: Parcels, pairs: Sequence[tuple[Parcel, Parcel]], side: int) -> list[Parcel]:
    """Return the parcels that are not on one side of some pairs."""
    gone = {id(pair[side]) for pair in pairs}
    return [one for one in parcels if id(one) not in gone]


def kept_as_they_were(before: Parcels, after: Parcels) -> list[tuple[Parcel, Parcel]]:
    """Return the parcels that keep number and form, each with its later self."""
    later = {one.key: one for one in after}
    pairs = [(one, later[one.key]) for one in before if one.key in later]
    old, new = (shapes([pair[side] for pair in pairs]) for side in (0, 1))
    same = alike(old, new)
    rest = np.flatnonzero(~same)
    # Moving a parcel to its later centre halves what one side of it has gained: so is the tolerance.
    same[rest] = alike(fitted(old[rest], new[rest]), new[rest], TOLERANCE / 2)
    return [pair for pair, kept in zip(pairs, same, strict=True) if kept]


def shapes(parcels: Parcels) -> np.ndarray:
    """Return the geometries of parcels."""
    return np.array([one.geometry for one in parcels], dtype=object)


def alike(old: np.ndarray, new: np.ndarray, tolerance: float = TOLERANCE) -> np.ndarray:
    """Tell which outlines are the same but for a tolerance."""
    return shapely.hausdorff_distance(old, new).astype(float) <= tolerance


def fitted(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return geometries moved to where their later selves lie, those that are too far as they are."""
    moves = shapely.get_coordinates(shapely.centroid(new)) - shapely.get_coordinates(shapely.centroid(old))
    moves[np.hypot(moves[:, 0], moves[:, 1]) > MAX_SHIFT] = 0
    points, owners = shapely.get_coordinates(old, return_index=True)
    return shapely.set_coordinates(old.copy(), points + moves[owners])


def renumberings(before: Parcels, after: Parcels) -> list[tuple[Parcel, Parcel]]:
    """Return the parcels that have another number on the same ground, each with its later self."""
    old, new = shapes(before), shapes(after)
    rows, columns = overlapping(old, new)
    same = alike(old[rows], new[columns])
    heirs: dict[int, int] = {}  # later → earlier, once each
    for row, column in zip(rows[same].tolist(), columns[same].tolist(), strict=True):
        if before[row].key != after[column].key:
            heirs.setdefault(column, row)
    once = {row: column for column, row in heirs.items()}
    return [(before[row], after[column]) for row, column in once.items()]


def overlapping(old: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the geometries that meet, two by two."""
    rows, columns = shapely.STRtree(new).query(old, predicate="intersects")
    return rows, columns


def links(before: Parcels, after: Parcels) -> list[tuple[int, int]]:
    """Return who is heir of whom, by their places: they share a number, or ground wider than the tolerance."""
    old, new = shapes(before), shapes(after)
    rows, columns = overlapping(old, new)
    shared = shapely.intersection(old[rows], new[columns])
    smaller = np.minimum(shapely.area(old[rows]), shapely.area(new[columns]))
    heirs = shapely.area(shared) >= MOST * smaller
    heirs |= ~shapely.is_empty(shapely.buffer(shared, -TOLERANCE / 2, quad_segs=2))
    numbers = {one.key: column for column, one in enumerate(after)}
    same = [(row, numbers[one.key]) for row, one in enumerate(before) if one.key in numbers]
    return [*zip(rows[heirs].tolist(), columns[heirs].tolist(), strict=True), *same]


def grouped(before: Parcels, after: Parcels) -> list[tuple[tuple[Parcel, ...], tuple[Parcel, ...]]]:
    """Return the families of parcels: all that heirs tie together, before and after."""
    family = list(range(len(before) + len(after)))
    for row, column in links(before, after):
        family[head(family, row)] = head(family, len(before) + column)
    made: dict[int, tuple[list[Parcel], list[Parcel]]] = defaultdict(lambda: ([], []))
    for place, one in enumerate([*before, *after]):
        made[head(family, place)][place >= len(before)].append(one)
    return [(tuple(old), tuple(new)) for old, new in made.values()]


def head(family: list[int], place: int) -> int:
    """Return who stands for a family, shortening the way there."""
    while family[place] != place:
        family[place] = family[family[place]]
        place = family[place]
    return place


def nature(before: Parcels, after: Parcels) -> str:
    """Return what happened to a family of parcels."""
    if not before or not after:
        return SUPPRESSION if before else CREATION
    if {one.key for one in before} == {one.key for one in after}:
        return RESHAPING
    if len(before) == 1 < len(after):
        return DIVISION
    return MERGER if len(after) == 1 < len(before) else REWORK


def attributes(kept: Sequence[tuple[Parcel, Parcel]]) -> list[Mutation]:
    """Return the parcels of which nothing but attributes changed."""
    return [Mutation(ATTRIBUTES, (old,), (new,)) for old, new in kept if old.attributes != new.attributes]


def merged_communes(kept: Sequence[tuple[Parcel, Parcel]]) -> list[Mutation]:
    """Return the parcels that only the merger of their commune renumbers, section by section."""
    sections: dict[str, list[tuple[Parcel, Parcel]]] = defaultdict(list)
    for old, new in kept:
        if old.id != new.id:
            sections[new.id[:10]].append((old, new))
    return [Mutation(FUSION, *map(tuple, zip(*pairs, strict=True))) for pairs in sections.values()]
