"""Communes that merged, where the plan has followed already: the sheets of before leave."""

from catalog.database import Connection
from etl.loading import publish
from etl.publication import Publication
from etl.tables import query


def follow(connection: Connection, commune: str) -> None:
    """Let the sheets leave that a commune has succeeded to, and tell its mutations anew."""
    row = connection.execute(query("fusions_delivery"), [commune]).fetchone()
    if row is not None:
        publish(connection, Publication("cadastre", row[0], commune, (), row[1]))
