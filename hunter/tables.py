"""Things and public's rights as the tables have them, read without policies: the weakest of the three oracles.

What was loaded wrongly is believed; what the rules, the services and the caches make of it is not.
"""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import shapely
from psycopg import sql

from catalog.database import Connection, query
from catalog.loader import datasets
from catalog.model import BASE, Dataset
from hunter.members import PUBLIC, Agreement, Given
from hunter.things import HUNTED, Thing, Things, by_dataset

SOURCE = "les tables, lues sans leurs politiques"


def things(connection: Connection, communes: Iterable[str]) -> Things:
    """Return every object of some communes. `connection` is an administrator's: no policy binds it."""
    codes = sorted(communes)
    held = (thing for name in HUNTED for thing in objects(connection, datasets()[name], codes))
    return Things(SOURCE, by_dataset(held), frozenset(codes))


def objects(connection: Connection, dataset: Dataset, communes: list[str]) -> Iterator[Thing]:
    """Yield the objects of a dataset, with their columns group by group."""
    sides = {group: dict(rows(connection, dataset, group, communes)) for group in dataset.groups if group != BASE}
    statement = sql.SQL(query("placed_rows", "hunter")).format(sql.Identifier(*dataset.group_table()))
    for row, place in connection.execute(statement, [communes]):
        whole = {BASE: row} | {group: found.get(row["id"], {}) for group, found in sides.items()}
        groups = {group: {name: whole[group].get(name) for name in dataset.groups[group]} for group in whole}
        yield Thing(dataset.id, row["id"], row["commune"], shapely.from_wkb(place), groups)


def rows(connection: Connection, dataset: Dataset, group: str, communes: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the rows of a side table by their ids."""
    statement = sql.SQL(query("plain_rows", "hunter")).format(sql.Identifier(*dataset.group_table(group)))
    for (row,) in connection.execute(statement, [communes]):
        yield row["id"], row


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
    return Things(known.source, now, known.communes)
