"""Conditions on rows, with their values bound."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from catalog.model import BASE
from services.columns import Column


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on rows, its bound values, and the attribute groups that it reads.

    `groups` must be given where a row is to match; `beside` are looked at where they are given. `areas` are touched by
    each row that matches.
    """

    sql: sql.Composable
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    groups: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    areas: tuple[sql.Composable, ...] = field(default=(), hash=False)


def equality(column: Column, value: Any, name: str) -> Condition:
    """Return the condition that a property has a value."""
    return Condition(
        sql.SQL("{} = {}").format(column.reference, unseen(bound(name, column.kind))),
        {name: value},
        frozenset({column.group}),
    )


def bound(name: str, kind: str) -> sql.Composable:
    """Return a bound value with its type said."""
    return sql.SQL("{}::{}").format(sql.Placeholder(name), sql.SQL(kind))


def unseen(value: sql.Composable) -> sql.Composable:
    """Return a value that the planner does not see: how common it is among all rows would choose the steps.

    What it knows of values it knows of everybody's.
    """
    return sql.SQL("(SELECT {})").format(value)


def granted(condition: Condition) -> frozenset[str]:
    """Return the groups whose rows alone a condition speaks of: the caller may have them in some communes only."""
    return condition.groups - {BASE}
