"""What rules look at: the rows of a sheet, by dataset, their shapes as arrays; and what they find. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import shapely
from shapely import Geometry

from catalog.loader import datasets
from catalog.rules import Rule
from etl.rows import Row


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a rule found: about which object, where (any geometry, or None), in further words."""

    object: str | None
    place: Geometry | None
    words: str = ""


@dataclass
class Layer:
    """The rows of one dataset in a sheet."""

    dataset: str
    rows: list[Row]

    @cached_property
    def shapes(self) -> np.ndarray:
        """Their geometries, prepared."""
        found = np.array([row.geometry for row in self.rows], dtype=object)
        shapely.prepare(found)
        return found

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Their geometries, to be searched by place."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def meeting(self) -> tuple[np.ndarray, np.ndarray]:
        """The places of geometries that meet, two by two, each pair once."""
        one, other = self.tree.query(self.shapes, predicate="intersects")
        once = one < other
        return one[once], other[once]

    @cached_property
    def rings(self) -> tuple[np.ndarray, np.ndarray]:
        """Every ring of its polygons, and the place of its owner."""
        parts, owners = shapely.get_parts(self.shapes, return_index=True)
        rings, places = shapely.get_rings(parts, return_index=True)
        return rings, owners[places]

    @property
    def areas(self) -> np.ndarray:
        """Their areas, m²."""
        return np.asarray(shapely.area(self.shapes))

    def column(self, name: str) -> list[object]:
        """Return a column, a value a row."""
        return [row.values.get(name) for row in self.rows]

    def at(self, places: Iterable[int], words: Callable[[int], str] = lambda _place: "") -> Iterator[Found]:
        """Yield what was found of some rows, in further words."""
        for place in map(int, places):
            yield Found(self.rows[place].id, self.rows[place].geometry, words(place))


@dataclass
class Sheet:
    """A sheet or file as rules see it."""

    name: str
    edition: date
    rows: list[Row]
    rejects: list[tuple[str, str | None, str]] = field(default_factory=list)  # dataset, object, reason

    @cached_property
    def layers(self) -> dict[str, Layer]:
        """Its rows by dataset."""
        made = {name: Layer(name, []) for name, one in datasets().items() if one.quality}
        for row in self.rows:
            if row.dataset in made:
                made[row.dataset].rows.append(row)
        return made

    def ground(self, dataset: str) -> Geometry | None:
        """Return the ground that a dataset covers, or None where the sheet has none of it."""
        layer = self.layers.get(dataset)
        if layer is None or not layer.rows:
            return None
        return layer.shapes[0] if len(layer.rows) == 1 else shapely.union_all(layer.shapes)

    @cached_property
    def centre(self) -> Geometry:
        """A point of it, for what has no place of its own."""
        ground = self.ground("feuilles") or shapely.GeometryCollection([row.geometry for row in self.rows])
        return shapely.point_on_surface(ground)


Check = Callable[[Sheet, Layer, Rule], Iterable[Found]]


def metres(value: float) -> str:
    """Write a number as a reader of French does."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
