"""What a change of an agreement would give and take: it is made by the real functions, looked at and undone.

It is made in a transaction that is never committed, so that what is foreseen cannot differ from what happens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import uuid4

from catalog import lifecycle
from catalog.access import end_agreement
from catalog.agreements import Agreement
from catalog.database import Connection, query
from catalog.loader import datasets
from catalog.model import BASE, USAGES

UNSIGNED = "0" * 64  # stands for the document that is not signed yet

Seen = frozenset[tuple[str, str, str, str]]  # (dataset, group, usage, commune)


@dataclass(frozen=True, slots=True)
class Difference:
    """A group of a dataset that is given or taken for some usages: its columns, and the objects of each commune."""

    dataset: str
    group: str
    usages: tuple[str, ...]
    communes: Mapping[str, int]

    @property
    def columns(self) -> list[str]:
        """The columns of the group."""
        return list(datasets()[self.dataset].groups[self.group])

    @property
    def objects(self) -> int:
        """How many objects there are in all its communes."""
        return sum(self.communes.values())


@dataclass(frozen=True, slots=True)
class Simulation:
    """What an organisation would gain and lose on a day, over what its other agreements and the public's give."""

    organisation: str
    agreement: str
    day: date
    given: tuple[Difference, ...]
    taken: tuple[Difference, ...]


class Change(Protocol):
    """A change of an agreement: whose it is, when its effect is seen first, and how it is made."""

    agreement: str

    def affected(self, connection: Connection) -> tuple[str, date]:
        """Return the organisation, and the first day on which the change shows if it is not over by then."""

    def make(self, connection: Connection) -> None:
        """Make the change, as the command of its kind does."""


@dataclass(frozen=True, slots=True)
class Written:
    """An agreement as a file has it: new, or in the place of the signed one of its name."""

    wanted: Agreement

    @property
    def agreement(self) -> str:
        """Its name."""
        return self.wanted.id

    def affected(self, _: Connection) -> tuple[str, date]:
        """It shows from its first day on."""
        return self.wanted.organisation, self.wanted.first_day

    def make(self, connection: Connection) -> None:
        """Sign or amend."""
        if connection.execute(query("find_agreement"), [self.wanted.id]).fetchone():
            lifecycle.amend(connection, self.wanted, self.wanted.document_sha256 or UNSIGNED)
        else:
            lifecycle.sign(connection, self.wanted)


@dataclass(frozen=True, slots=True)
class End:
    """An agreement that ends on a day."""

    agreement: str
    last_day: date

    def affected(self, connection: Connection) -> tuple[str, date]:
        """It shows on the day after."""
        return lifecycle.head(connection, self.agreement)[0], self.last_day + timedelta(days=1)

    def make(self, connection: Connection) -> None:
        """End it."""
        end_agreement(connection, self.agreement, self.last_day)


@dataclass(frozen=True, slots=True)
class Renewal:
    """An agreement that goes on until a day."""

    agreement: str
    last_day: date

    def affected(self, connection: Connection) -> tuple[str, date]:
        """It shows on the day after the last one of now."""
        organisation, _, last_day = lifecycle.head(connection, self.agreement)
        return organisation, last_day + timedelta(days=1)

    def make(self, connection: Connection) -> None:
        """Sign the period that follows."""
        lifecycle.renew(connection, self.agreement, self.last_day, f"simulation-{uuid4().hex}", None)


def simulate(connection: Connection, change: Change, day: date | None = None) -> Simulation:
    """Say what a change would give and take on a day: at first, the first on which it shows. Nothing is written."""
    with connection.transaction(force_rollback=True):
        organisation, first = change.affected(connection)
        (today,) = connection.execute(query("today")).fetchone()
        day = day or max(first, today)
        before = seen(connection, organisation, day)
        change.make(connection)
        after = seen(connection, organisation, day)
        communes = sorted({commune for *_, commune in before ^ after})
        found = connection.execute(query("simulate_objects"), [communes])
        objects = {(dataset, commune): count for dataset, commune, count in found}
    given, taken = differences(after - before, objects), differences(before - after, objects)
    return Simulation(organisation, change.agreement, day, given, taken)


def seen(connection: Connection, organisation: str, day: date) -> Seen:
    """Return what doors would give an organisation on a day, as agreements stand now."""
    found = connection.execute(query("simulate_rights"), {"organisation": organisation, "day": day})
    return served(found)


def served(tuples: Iterable[tuple[str, str, str, str]]) -> Seen:
    """Return the rights that doors make something of: what the catalogue has, and where the object itself is given."""
    rights = frozenset(tuple(each) for each in tuples)
    return frozenset(
        (dataset, group, usage, commune)
        for dataset, group, usage, commune in rights
        if (dataset, BASE, usage, commune) in rights and dataset in datasets() and group in datasets()[dataset].groups
    )


def differences(tuples: Seen, objects: Mapping[tuple[str, str], int]) -> tuple[Difference, ...]:
    """Put tuples together by dataset, group and usages, with the objects of each commune. Pure."""
    usages: dict[tuple[str, str, str], set[str]] = {}
    for dataset, group, usage, commune in tuples:
        usages.setdefault((dataset, group, commune), set()).add(usage)
    lots: dict[tuple[str, str, tuple[str, ...]], dict[str, int]] = {}
    for (dataset, group, commune), some in sorted(usages.items()):
        key = dataset, group, tuple(usage for usage in USAGES if usage in some)
        lots.setdefault(key, {})[commune] = objects.get((dataset, commune), 0)
    return tuple(Difference(*key, communes) for key, communes in sorted(lots.items()))


def document(found: Simulation) -> dict[str, Any]:
    """Return a simulation as JSON holds it."""
    head = {"organisation": found.organisation, "agreement": found.agreement, "day": found.day.isoformat()}
    return head | {"given": [line(each) for each in found.given], "taken": [line(each) for each in found.taken]}


def line(one: Difference) -> dict[str, Any]:
    """Return one difference by the names of its parts."""
    return {
        "dataset": one.dataset,
        "group": one.group,
        "columns": one.columns,
        "usages": list(one.usages),
        "objects": one.objects,
        "communes": dict(one.communes),
    }
