"""Before data are read: what every door does first, in the transaction that reads.

A door names the features by the very statement that will give them, made to return `commune` and `id`. Both run in
one transaction, which sees one moment: what is written down is what is read, and nothing appears in between.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql

from catalog import register
from catalog.database import Connection
from catalog.model import Dataset, Principal, Usage
from catalog.register import Read
from services.statements import template

PLACES = sql.SQL("commune, id")


def note(
    connection: Connection,
    principal: Principal,
    dataset: Dataset,
    usage: Usage,
    groups: Sequence[str],
    rows: sql.Composable,
    values: Mapping[str, Any] | Sequence[Any],
) -> int:
    """Write down the features of an audited dataset that `rows` would give, and return their number; 0 for others."""
    if not register.audited(dataset):
        return 0
    statement = template("register_features").format(rows=rows)
    features = dict(connection.execute(statement, values).fetchall())
    register.write(principal, Read(dataset.id, usage, groups, features))
    return sum(map(len, features.values()))
