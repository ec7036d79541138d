"""Communes that merge: both codes keep their history, and agreements say what they say until they are amended."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import psycopg

from catalog.database import Connection, query
from catalog.errors import AgreementError


class Amend(NamedTuple):
    """An agreement that names a merged commune and not, for all that it gives of it, the new one."""

    agreement: str
    organisation: str
    ancienne: str
    nouvelle: str


def merge(connection: Connection, new: str, olds: Sequence[str], day: date) -> None:
    """Note that communes merge into one on a day; said again, the day is corrected. Raises AgreementError."""
    if new in olds:
        raise AgreementError(f"{new} continue : ne nommez après elle que les communes dont le code cesse.")
    if found := connection.execute(query("merged_into"), [new]).fetchone():
        raise AgreementError(f"{new} a elle-même fusionné dans {found[0]}.")
    for old in olds:
        try:
            done = connection.execute(query("add_fusion"), {"old": old, "new": new, "day": day}).fetchone()
        except psycopg.errors.CheckViolation as error:
            raise AgreementError(f"« {old} » ou « {new} » n'est pas un code INSEE (cinq caractères).") from error
        if done is None:
            raise AgreementError(f"{old} a déjà fusionné dans une autre commune : « geosocle commune history {old} ».")


def to_amend(connection: Connection, olds: Sequence[str]) -> list[Amend]:
    """Return the agreements that should follow communes into the one that they merged into."""
    return [Amend(*row) for row in connection.execute(query("merged_agreements"), [list(olds)])]


def amended_since(connection: Connection, new: str, told: datetime) -> list[tuple[str, str]]:
    """Return the agreements, each with its organisation, that were amended after a moment and name a commune."""
    return connection.execute(query("amended_since"), {"new": new, "told": told}).fetchall()  # type: ignore[return-value]
