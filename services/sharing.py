"""Who shares a copy of a tile: all to whom the rule gives the same there, as the database says at each request.

The key is asked for in the transaction that would make the tile: what ends, begins or is loaded anew is another key at
the next request, and a copy is never looked for by any other.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from psycopg import sql

from catalog.database import Connection
from catalog.model import Dataset
from services.statements import template

WRITING = "1"  # another number when copies are written otherwise: those of before are asked for no more


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller sees in a tile: the attribute groups that it has there, and the key of all that it is given."""

    groups: tuple[str, ...]
    key: str

    def name(self, wanted: sql.Composed, values: Mapping[str, Any], form: str = "") -> str:
        """Return the name of a copy: of what is seen, asked by this statement with these values, in this form."""
        recipe = "\n".join((WRITING, self.key, wanted.as_string(), repr(sorted(values.items())), form))
        return hashlib.sha256(recipe.encode()).hexdigest()


def sight(connection: Connection, dataset: Dataset, groups: tuple[str, ...], values: Mapping[str, Any]) -> Sight | None:
    """Return what the caller of a transaction sees in a box, None where it is nothing."""
    row = connection.execute(statement(dataset), {**values, "dataset": dataset.id, "groups": list(groups)}).fetchone()
    return Sight(tuple(group for group in groups if group in row[0]), row[1]) if row else None


@cache
def statement(dataset: Dataset) -> sql.Composed:
    """Return the statement that tells what is seen in a box of a dataset's own system."""
    named = (sql.Literal(".".join(dataset.group_table(group))) for group in dataset.groups)
    tables = sql.SQL(", ").join(sql.SQL("{}::regclass").format(name) for name in named)
    return template("tile_key").format(area=area(dataset), tables=tables)


def area(dataset: Dataset) -> sql.Composed:
    """Return the box of a tile."""
    return template("tile_box").format(srid=sql.Literal(dataset.srid))
