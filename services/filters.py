"""A filter → a condition of SQL: typed, with bound values, over the properties that the caller may name.

The tree is CQL2 JSON. What is not understood, mismatched or too large raises BadRequest, never an error of the
database: its words would repeat values of rows.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import shapely
from psycopg import sql

from services.columns import Column, day, known, storable
from services.conditions import Condition, bound, unseen
from services.cql2 import COMPARISONS, MAX_DEPTH, Malformed
from services.crs import CRS84, Crs
from services.literals import instant, moments, read_shape
from services.nodes import exactly, is_geometry, only, parts

MAX_NODES = 500
MAX_VALUES = 1000
INTEGERS = range(-(2**63), 2**63)
NUMBERS = ("integer", "double precision", "number")

SPATIAL = {
    "s_intersects": "ST_Intersects",
    "s_contains": "ST_Contains",
    "s_within": "ST_Within",
    "s_touches": "ST_Touches",
    "s_crosses": "ST_Crosses",
    "s_overlaps": "ST_Overlaps",
    "s_equals": "ST_Equals",
}
TEMPORAL = {
    "t_before": "{day} < {start}",
    "t_after": "{day} > {stop}",
    "t_equals": "({day} = {start} AND {day} = {stop})",
    "t_during": "({day} > {start} AND {day} < {stop})",
    "t_intersects": "({day} >= {start} AND {day} <= {stop})",
    "t_disjoint": "NOT ({day} >= {start} AND {day} <= {stop})",
}
# Where a property is zero, what is divided by it is nothing, not an error.
ARITHMETIC = {
    "+": "({a} + {b})",
    "-": "({a} - {b})",
    "*": "({a} * {b})",
    "/": "({a} / NULLIF({b}, 0))",
    "%": "({a} - {b} * trunc({a} / NULLIF({b}, 0)))",
    "div": "trunc({a} / NULLIF({b}, 0))",
    "^": "power({a}, {b})",
}
QUOTIENTS = ("/", "%", "div")


@dataclass(frozen=True, slots=True)
class Operand:
    """One side of a comparison; `value` is None for a property."""

    sql: sql.Composable
    kind: str
    value: Any = None


def compile_filter(tree: Any, columns: Mapping[str, Column], srid: int, crs: Crs = CRS84) -> Condition:
    """Return the condition that a filter says; its geometries are in `crs`. Raises BadRequest."""
    compiler = Compiler(columns, srid, crs)
    condition = compiler.truth(tree, 0)
    return Condition(condition, compiler.values, frozenset(compiler.groups), areas=tuple(compiler.areas))


class Compiler:
    """One pass over the tree of a filter, which gathers the values and the groups that it meets."""

    def __init__(self, columns: Mapping[str, Column], srid: int, crs: Crs) -> None:
        self.columns, self.srid, self.crs = columns, srid, crs
        self.values: dict[str, Any] = {}
        self.groups: set[str] = set()
        self.areas: list[sql.Composable] = []  # that each row must touch
        self.nodes = self.choices = 0

    def bind(self, value: Any, kind: str) -> sql.Composable:
        """Keep a value and return where it stands. Raises Malformed for more than a statement should be given."""
        if len(self.values) >= MAX_VALUES:
            raise Malformed
        name = f"filter{len(self.values)}"
        self.values[name] = value
        return bound(name, kind)

    def count(self, depth: int) -> None:
        """Raises Malformed for what is too deep or too large."""
        self.nodes += 1
        if depth > MAX_DEPTH * 2 or self.nodes > MAX_NODES:
            raise Malformed

    def truth(self, node: Any, depth: int) -> sql.Composable:
        """Return what is true or false of a row."""
        self.count(depth)
        if isinstance(node, bool) or (isinstance(node, dict) and "property" in node):
            return self.flag(node)
        op, args = parts(node)
        if op in ("and", "or"):
            return self.joined(op, args, depth)
        if op == "not":
            with self.choice():
                return sql.SQL("NOT {}").format(self.truth(only(args), depth + 1))
        return self.predicate(op, args)

    def flag(self, node: Any) -> sql.Composable:
        """Return a truth value by itself."""
        operand = self.operand(node)
        if operand.kind != "boolean":
            raise Malformed
        return operand.sql

    def joined(self, op: str, args: list[Any], depth: int) -> sql.Composable:
        """Return conditions joined by AND or OR."""
        if not args:
            raise Malformed
        with self.choice() if op == "or" else nullcontext():
            conditions = [self.truth(each, depth + 1) for each in args]
        return sql.SQL("({})").format(sql.SQL(f" {op.upper()} ").join(conditions))

    @contextmanager
    def choice(self) -> Iterator[None]:
        """For a block, what is said need not be true of a row that matches."""
        self.choices += 1
        yield
        self.choices -= 1

    def predicate(self, op: str, args: list[Any]) -> sql.Composable:
        """Return one predicate."""
        if op in COMPARISONS:
            return self.compared(op, *exactly(args, 2))
        if op in SPATIAL or op == "s_disjoint":
            return self.spatial(op, *exactly(args, 2))
        if op in TEMPORAL:
            return self.temporal(op, *exactly(args, 2))
        others: dict[str, Callable[[list[Any]], sql.Composable]] = {
            "isnull": self.absent,
            "between": self.between,
            "like": self.like,
            "in": self.among,
        }
        if op not in others:
            raise Malformed
        return others[op](args)

    def compared(self, op: str, left: Any, right: Any) -> sql.Composable:
        """Return the comparison of two operands, of which one at least is a property."""
        sides = self.operand(left), self.operand(right)
        fitted = zip(sides, self.pair(*sides), strict=True)
        first, second = (side if operand.value is None else unseen(side) for operand, side in fitted)
        return sql.SQL("({} {} {})").format(first, sql.SQL(op), second)

    def pair(self, left: Operand, right: Operand) -> tuple[sql.Composable, sql.Composable]:
        """Return two operands of one type. Raises Malformed where they have none in common."""
        if left.value is not None and right.value is not None:
            raise Malformed
        return self.fitted(left, right.kind), self.fitted(right, left.kind)

    def fitted(self, operand: Operand, kind: str) -> sql.Composable:
        """Return an operand as what is compared with `kind`; a text stands for a date where one is due."""
        if operand.kind == kind or (operand.kind in NUMBERS and kind in NUMBERS):
            return operand.sql
        if kind == "date" and isinstance(operand.value, str):
            return self.bind(day(operand.value), "date")
        if operand.kind == "date" and operand.value is None and kind == "text":
            return operand.sql  # the text on the other side is read as a date there
        raise Malformed

    def operand(self, node: Any, depth: int = 0) -> Operand:
        """Return a property, a literal or what is made of them. Raises Malformed for anything else."""
        if isinstance(node, dict):
            return self.named(node, depth)
        if isinstance(node, bool):
            return Operand(self.bind(node, "boolean"), "boolean", node)
        if isinstance(node, int) and node in INTEGERS:
            return Operand(self.bind(node, "bigint"), "number", node)
        if isinstance(node, float) and math.isfinite(node):
            return Operand(self.bind(node, "double precision"), "number", node)
        if isinstance(node, str) and storable(node):
            return Operand(self.bind(node, "text"), "text", node)
        raise Malformed

    def named(self, node: dict[str, Any], depth: int) -> Operand:
        """Return a property, a date, or what is made of operands."""
        if "property" in node:
            column = known(self.columns, node["property"])
            self.groups.add(column.group)
            return Operand(column.reference, column.kind)
        if "date" in node or "timestamp" in node:
            moment = instant(node)
            return Operand(self.bind(moment, "date"), "date", moment)
        self.count(depth)
        op, args = parts(node)
        if op in ARITHMETIC:
            return self.calculated(op, *(self.operand(each, depth + 1) for each in exactly(args, 2)))
        inner = self.operand(only(args), depth + 1)
        if op != "casei" or inner.kind != "text":
            raise Malformed
        return Operand(sql.SQL("lower({})").format(inner.sql), "text", inner.value)

    def calculated(self, op: str, left: Operand, right: Operand) -> Operand:
        """Return a number made of two, in double precision: what overflows an integer is no error."""
        if left.kind not in NUMBERS or right.kind not in NUMBERS or (op in QUOTIENTS and right.value == 0):
            raise Malformed
        a, b = (sql.SQL("{}::double precision").format(each.sql) for each in (left, right))
        return Operand(sql.SQL(ARITHMETIC[op]).format(a=a, b=b), "number")

    def absent(self, args: list[Any]) -> sql.Composable:
        """Return the condition that a property has no value."""
        operand = self.operand(only(args))
        if operand.value is not None:
            raise Malformed
        return sql.SQL("({} IS NULL)").format(operand.sql)

    def between(self, args: list[Any]) -> sql.Composable:
        """Return the condition that a value lies between two, both included."""
        value, low, high = (self.operand(each) for each in exactly(args, 3))
        if value.value is not None:  # a literal would be of one type for one bound, of another for the other
            raise Malformed
        first, lower = self.pair(value, low)
        _, upper = self.pair(value, high)
        return sql.SQL("({} BETWEEN {} AND {})").format(first, lower, upper)

    def like(self, args: list[Any]) -> sql.Composable:
        """Return the condition that a text follows a pattern."""
        value, pattern = (self.operand(each) for each in exactly(args, 2))
        if value.value is not None or value.kind != "text" or not isinstance(pattern.value, str):
            raise Malformed
        if (len(pattern.value) - len(pattern.value.rstrip("\\"))) % 2:
            raise Malformed
        return sql.SQL("({} LIKE {})").format(value.sql, pattern.sql)

    def among(self, args: list[Any]) -> sql.Composable:
        """Return the condition that a value is one of a list."""
        value, listed = exactly(args, 2)
        if not isinstance(listed, list) or not 0 < len(listed) <= MAX_VALUES:
            raise Malformed
        operand = self.operand(value)
        if operand.value is not None:
            raise Malformed
        options = [self.pair(operand, self.operand(each))[1] for each in listed]
        return sql.SQL("({} IN ({}))").format(operand.sql, sql.SQL(", ").join(options))

    def temporal(self, op: str, left: Any, right: Any) -> sql.Composable:
        """Return the relation of a date with a moment or an interval."""
        operand = self.operand(left)
        if operand.value is not None or operand.kind != "date":
            raise Malformed
        start, stop = moments(right)
        return sql.SQL("({})").format(
            sql.SQL(TEMPORAL[op]).format(day=operand.sql, start=self.bind(start, "date"), stop=self.bind(stop, "date"))
        )

    def spatial(self, op: str, left: Any, right: Any) -> sql.Composable:
        """Return a spatial relation; the box is compared first, which is what the index serves under the rules."""
        ours = [is_geometry(left), is_geometry(right)]
        if ours.count(True) != 1:
            raise Malformed
        literal = self.geometry(right if ours[0] else left)
        stored = sql.Identifier("t", "geom")
        sides = (stored, literal) if ours[0] else (literal, stored)
        relation = sql.SQL("({} && {} AND {}({}, {}))").format(
            stored, literal, sql.SQL(SPATIAL.get(op, "ST_Intersects")), *sides
        )
        if op == "s_disjoint":
            return sql.SQL("(NOT {})").format(relation)
        self.areas += [literal] if not self.choices else []
        return relation

    def geometry(self, node: Any) -> sql.Composable:
        """Return a bound geometry in the system of the table. Raises Malformed for one that is wrong or too large."""
        shape = read_shape(node, self.crs, self.srid)
        shapely.set_srid(shape, self.srid)
        name = f"filter{len(self.values)}"
        self.values[name] = shapely.to_wkb(shape)
        return sql.SQL("ST_GeomFromWKB({}::bytea, {})").format(sql.Placeholder(name), sql.Literal(self.srid))
