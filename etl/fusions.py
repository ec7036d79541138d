"""Communes that merged, where the plan has followed already: the sheets of before leave."""

from collections.abc import Iterator, Sequence

from catalog.database import Connection
from etl.loading import publish
from etl.publication import Publication
from etl.tables import query

type Served = dict[tuple[str, str], int]  # merged commune, new commune → sheets


def served(connection: Connection, communes: Sequence[str]) -> Served:
    """Return how many sheets the communes that merged into some still serve."""
    rows = connection.execute(query("fusions_served"), [list(communes)])
    return {(old, new): number for old, new, number in rows}


def succeeded(before: Served, after: Served) -> Iterator[str]:
    """Yield what to say of merged communes whose sheets have been succeeded."""
    for (old, new), number in before.items():
        left = after.get((old, new), 0)
        if left < number:
            still = f", {left} encore servie(s)" if left else ""
            yield f"{old} a fusionné dans {new} : {number - left} feuille(s) remplacée(s){still}"


def follow(connection: Connection, commune: str) -> None:
    """Let the sheets leave that a commune has succeeded to, and tell its mutations anew."""
    row = connection.execute(query("fusions_delivery"), [commune]).fetchone()
    if row is not None:
        publish(connection, Publication("cadastre", row[0], commune, (), row[1]))
