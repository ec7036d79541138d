"""Things and public's rights as the tables have them, read without policies: the weakest of the three oracles.

What was loaded wrongly is believed; what the rules, the services and the caches make of it is not.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import shapely
from psycopg import sql

from catalog.database import Connection, query
from catalog.loader import datasets
from catalog.model import BASE, Dataset
from hunter.members import PUBLIC, Agreement, Given
from hunter.things import Thing, Things, by_dataset

SOURCE = "les tables, lues sans leurs politiques"


def things(
    connection: Connection, communes: Iterable[str], days: Iterable[str] = (), but: Container[str] = ()
) -> Things:
    """Return every object of some communes, and what there was on some days; but for datasets that are known already.

    `connection` is an administrator's: no policy binds it.
    """
    codes, asked = sorted(communes), [dataset for dataset in datasets().values() if dataset.id not in but]
    every = [(dataset, dated) for dataset in asked for dated in objects(connection, dataset, codes)]
    now = by_dataset(dated.thing for _, dated in every if dated.ends is None)
    on = {day: by_dataset(each.thing for dataset, each in every if each.valid(dataset, day)) for day in days}
    return Things(SOURCE, now, frozenset(codes), on)


def completed(known: Things, tabled: Things) -> Things:
    """Return the things with those of the datasets that only the tables have."""
    now = {**tabled.now, **known.now}
    of_no_world = set(tabled.now).union(*tabled.days.values()) - set(known.now)
    days = {
        day: {**held, **{dataset: there for dataset, there in tabled.days[day].items() if dataset in of_no_world}}
        for day, held in known.days.items()
    }
    words = f"{known.source} ; d'après {SOURCE} : {', '.join(sorted(of_no_world))}" if of_no_world else known.source
    return Things(words, now, known.communes, days)


@dataclass(frozen=True, slots=True)
class Dated:
    """An object, and the days from and until which it is valid (ISO text): None as long as it is."""

    thing: Thing
    begins: str
    ends: str | None = None

    def valid(self, dataset: Dataset, day: str) -> bool:
        """True for what is valid on a day; an event has its day alone."""
        if dataset.events:
            return self.ends is None and self.begins == day
        return self.begins <= day and (self.ends is None or self.begins < self.ends and day < self.ends)


def objects(connection: Connection, dataset: Dataset, communes: list[str]) -> Iterator[Dated]:
    """Yield the objects of a dataset, those that were replaced too, with their columns group by group."""
    for past in (False, True):
        sides = {g: dict(rows(connection, dataset, g, communes, past)) for g in dataset.groups if g != BASE}
        statement = sql.SQL(query("placed_rows", "hunter")).format(table(dataset, BASE, past))
        for row, place in connection.execute(statement, [communes]):
            whole = {BASE: row} | {group: found.get(key(row), {}) for group, found in sides.items()}
            groups = {group: {name: whole[group].get(name) for name in dataset.groups[group]} for group in whole}
            thing = Thing(dataset.id, row["id"], row["commune"], shapely.from_wkb(place), groups)
            yield Dated(thing, row["edition"], row.get("valide_au"))


def table(dataset: Dataset, group: str, past: bool) -> sql.Identifier:
    """Return the table of a group, or of its past."""
    schema, name = dataset.group_table(group)
    return sql.Identifier(schema, f"{name}_passe" if past else name)


def key(row: dict[str, Any]) -> tuple[str, ...]:
    """Return what a row of a side table shares with the object that it belongs to."""
    return row["id"], row["edition"], row.get("valide_au")


def days(connection: Connection) -> list[str]:
    """Return days to ask for: before the first edition, on each of the last ones, and long after."""
    editions = [each for (each,) in connection.execute(query("editions", "hunter"))]
    return sorted({"1900-01-01", "2999-01-01", *editions})


def rows(
    connection: Connection, dataset: Dataset, group: str, communes: list[str], past: bool
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the rows of a side table by what ties them to their objects."""
    statement = sql.SQL(query("plain_rows", "hunter")).format(table(dataset, group, past))
    for (row,) in connection.execute(statement, [communes]):
        yield key(row), row


def held_communes(connection: Connection) -> list[str]:
    """Return the communes that the database holds objects of."""
    return [commune for (commune,) in connection.execute(query("held_communes", "hunter"))]


def neighbours(connection: Connection, among: Iterable[str], random: Random) -> tuple[str, ...]:
    """Return four communes near to each other: one at random and the nearest to it; fewer are told again."""
    codes = sorted(among)
    found = [each for (each,) in connection.execute(query("neighbours", "hunter"), [random.choice(codes), codes])]
    near = found or codes
    return tuple((near * 4)[:4])


def public_rights(connection: Connection) -> list[Agreement]:
    """Return what everybody is given, as access.rights has it: facts that the hunt neither made nor changes."""
    return [
        Agreement(id, PUBLIC, tuple(Given(d, g, (u,), tuple(c)) for d, g, u, c in given), first, last, own=False)
        for id, first, last, given in connection.execute(query("public_rights", "hunter"))
    ]


def judged(known: Things, public: Iterable[Agreement]) -> Things:
    """Return the things without the datasets of which the public sees other communes than those that are known."""
    beyond = {g.dataset for one in public for g in one.given if not set(g.communes) <= known.communes}
    now = {dataset: held for dataset, held in known.now.items() if dataset not in beyond}
    return Things(known.source, now, known.communes, known.days)
