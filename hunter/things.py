"""What exists, as an oracle knows it: three sources fill it, and say how far they may be believed.

The invented world of the samples (the strongest: no table and no module of the product has a part in it), delivered
files read again, the tables read without their policies.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import shapely

WORD = re.compile(r"[0-9A-Za-z_]+(?:[.-][0-9A-Za-z_]+)*")  # among which ids would be
BASE, TECHNICAL, PERSONAL = "base", "technical", "personal"
WATER, IMAGES, PARCELS = "canalisations_eau", "orthophotos", "parcelles"
PERSONS, PREMISES = "personnes_morales", "locaux_personnes_morales"
SEVERAL = {
    WATER: TECHNICAL,
    PERSONS: PERSONAL,
    PREMISES: PERSONAL,
}  # datasets of several groups, and the one beyond `base`
DETAILS = (
    "numeros_voirie", "ensembles_immobiliers", "zones_communication", "troncons_route", "troncons_cours_eau", "charges",
    "surfaces", "lignes", "points_divers", "symboles_limites", "bornes", "points_canevas", "etiquettes",
)  # fmt: skip
CADASTRE = ("communes", "sections", "feuilles", PARCELS, "batiments", "lieux_dits", "subdivisions_fiscales", *DETAILS)
DEDUCED = ("mutations", "anomalies")  # by the product itself: only its tables have them
PLAN = (*CADASTRE, *DEDUCED)  # all that has editions


@dataclass(frozen=True, slots=True)
class Thing:
    """An object as it should be served, in the installation's system; not `sure` where it may be there or not."""

    dataset: str
    id: str
    commune: str
    geometry: shapely.Geometry = field(hash=False, compare=False)
    groups: Mapping[str, Mapping[str, Any]] = field(hash=False, compare=False)
    sure: bool = field(default=True, compare=False)

    def attributes(self, groups: frozenset[str]) -> dict[str, Any]:
        """Return the attributes that a caller of these groups sees of it."""
        return {name: value for group in groups for name, value in self.groups[group].items()}

    def words(self) -> set[str]:
        """Return the words of its texts."""
        return {word for held in self.groups.values() for each in held.values() if isinstance(each, str)
                for word in WORD.findall(each)}  # fmt: skip


def plain(dataset: str, id: str, commune: str, geometry: shapely.Geometry, **attributes: Any) -> Thing:
    """Return an object that has the base group only."""
    return Thing(dataset, id, commune, geometry, {BASE: {"commune": commune, **attributes}})


Held = Mapping[str, Mapping[str, Thing]]  # dataset → id → object


@dataclass(frozen=True)
class Things:
    """Every object of some communes, by dataset and id; those of other communes are not known.

    `days` holds what there was on other days than today (`YYYY-MM-DD`), where that is known.
    """

    source: str
    now: Held
    communes: frozenset[str]
    days: Mapping[str, Held] = field(default_factory=dict)

    def ever(self) -> Iterator[Thing]:
        """Yield every object that is or was, once however many days hold it."""
        every = (
            thing for held in (self.now, *self.days.values()) for things in held.values() for thing in things.values()
        )
        yield from {id(thing): thing for thing in every}.values()

    @cached_property
    def mentioned(self) -> Mapping[str, frozenset[str]]:
        """The ids of other objects that the attributes of an object hold, by its own id; most hold none."""
        found: dict[str, frozenset[str]] = {}
        for thing in self.ever():
            if others := thing.words() & self.ids - {thing.id}:
                found[thing.id] = found.get(thing.id, frozenset()) | others
        return found

    @cached_property
    def told(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The ids that the objects of a dataset in a commune tell of: their own, and those that they mention."""
        found: dict[tuple[str, str], set[str]] = {}
        for thing in self.ever():
            found.setdefault((thing.dataset, thing.commune), set()).update({thing.id}, self.mentioned.get(thing.id, ()))
        return {place: frozenset(ids) for place, ids in found.items()}

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of every object that is or was."""
        return frozenset(thing.id for thing in self.ever())


def by_dataset(things: Iterator[Thing]) -> dict[str, dict[str, Thing]]:
    """Return objects by dataset and id."""
    made: dict[str, dict[str, Thing]] = {}
    for thing in things:
        made.setdefault(thing.dataset, {})[thing.id] = thing
    return made
