"""The mutations of a commune's parcels, found again from its editions whenever some are published.

They depend on nothing but the versions of parcels in the database: the same edition loaded anew, or sheet by sheet,
ends in the same mutations.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import shapely

from catalog import database
from catalog.database import Connection
from etl import lineage
from etl.lineage import ATTRIBUTES, CREATION, SUPPRESSION, Mutation, Parcel
from etl.report import Unit
from etl.rows import Row

CAMPAIGN = timedelta(days=45)  # sheets of one quarterly delivery are exported within some weeks: one step
DATASET = "mutations"
COMPARED = ("contenance", "arpente")  # of the attributes of parcels, in the order of `mutations_parcels`


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Some days of which the first and the last are compared: the day before the first, and the last."""

    first: date
    last: date

    @classmethod
    def read(cls, words: str) -> "Step":
        """Return the step that `str` wrote."""
        first, last = words.split("/")
        return cls(date.fromisoformat(first), date.fromisoformat(last))

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"


@dataclass(frozen=True, slots=True)
class Found:
    """Parcels before and after a step, those of the sheets that were not held before, and those that were rejected."""

    before: Sequence[Parcel]
    after: Sequence[Parcel]
    first_seen: frozenset[str]
    rejected: frozenset[str]

    def mutations(self) -> list[Mutation]:
        """Return what became of the parcels. A sheet held for the first time neither creates nor corrects."""
        unknown = {CREATION: self.first_seen, SUPPRESSION: self.rejected, ATTRIBUTES: self.first_seen}
        found = lineage.mutations(self.before, self.after)
        return [one for one in found if not unknown.get(one.nature, frozenset()).issuperset(one.keys)]


def renewed(connection: Connection, commune: str, editions: Sequence[date]) -> list[tuple[Unit, list[Row]]]:
    """Forget a commune's mutations from the first of some editions on, and return them found again, by step."""
    told = {"commune": commune, "first": editions[0]}
    known = {Step.read(words) for (words,) in ask(connection, "mutations_steps", told)}
    if known:
        connection.execute(query("mutations_clear"), told)
    communes = [commune, *(old for (old,) in ask(connection, "fusions_into", told))]
    made = []
    for step in merged({*campaigns(editions), *known}):
        named = told | {"communes": communes, "first": step.first, "last": step.last}
        withdrawn = [unit for (unit,) in ask(connection, "mutations_withdrawn", named)]
        held = {*withdrawn, *(unit for (unit,) in ask(connection, "mutations_held", named))}
        if held or step in known:
            unit = Unit(str(step), str(step), commune, step.last)
            found = read(connection, named | {"withdrawn": withdrawn}, held)
            made.append((unit, rows(commune, step, found.mutations())))
    return made


def campaigns(editions: Iterable[date]) -> list[Step]:
    """Return the steps that editions published together are: those a few weeks apart are one."""
    steps: list[Step] = []
    for edition in sorted(editions):
        if steps and edition - steps[-1].last <= CAMPAIGN:
            steps[-1] = Step(steps[-1].first, edition)
        else:
            steps.append(Step(edition, edition))
    return steps


def merged(steps: Iterable[Step]) -> list[Step]:
    """Return steps of which none overlaps another."""
    apart: list[Step] = []
    for step in sorted(steps):
        if apart and step.first <= apart[-1].last:
            apart[-1] = Step(apart[-1].first, max(apart[-1].last, step.last))
        else:
            apart.append(step)
    return apart


def read(connection: Connection, named: dict[str, Any], held: set[str]) -> Found:
    """Read the parcels that a step changes."""
    before, after, first_seen = [], [], set()
    for old, key, edition, was, said, new, unit, shape, says in ask(connection, "mutations_parcels", named):
        if old:
            before.append(Parcel(old, key, shapely.from_wkb(bytes(was)), edition, tuple(said)))
        if new:
            after.append(Parcel(new, new, shapely.from_wkb(bytes(shape)), attributes=tuple(says)))
            first_seen |= {new} if unit not in held else set()
    rejected = frozenset(id for (id,) in ask(connection, "mutations_rejected", named))
    return Found(before, after, frozenset(first_seen), rejected)


def rows(commune: str, step: Step, found: Sequence[Mutation]) -> list[Row]:
    """Return mutations as rows, numbered within their step."""
    names = (f"{commune}-{step.last:%Y%m%d}-{number:04d}" for number in range(1, len(found) + 1))
    return [
        Row(DATASET, name, commune, values(one), ground)
        for name, one in zip(names, found, strict=True)
        if (ground := one.ground) is not None
    ]


def values(one: Mutation) -> dict[str, Any]:
    """Return the columns of a mutation."""
    before, after = (",".join(side) or None for side in one.ids)
    return {
        "edition_precedente": one.previous,
        "nature": one.nature,
        "parcelles_avant": before,
        "parcelles_apres": after,
        "surface_avant": one.areas[0],
        "surface_apres": one.areas[1],
        **changed(one),
    }


def changed(one: Mutation) -> dict[str, str]:
    """Return which attributes changed where nothing else did, and their values."""
    if one.nature != ATTRIBUTES:
        return {}
    told = zip(COMPARED, one.before[0].attributes, one.after[0].attributes, strict=True)
    names, before, after = zip(*(each for each in told if each[1] != each[2]), strict=True)
    columns = {"attributs": names, "attributs_avant": before, "attributs_apres": after}
    return {name: ",".join(value or "" for value in values) for name, values in columns.items()}


def query(name: str) -> bytes:
    """Return a statement of this package."""
    return database.query(name, package="etl")


def ask(connection: Connection, name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return what a statement finds."""
    return connection.execute(query(name), values).fetchall()
