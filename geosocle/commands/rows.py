"""Rows of a statement by the names of their columns, for what commands list."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row

from catalog.database import Connection


def rows(connection: Connection, statement: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return all rows of a statement as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters).fetchall()
