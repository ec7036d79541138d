"""Features as rows of typed columns, for the formats that are tables: one JSON array an object, made by PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from catalog.model import Dataset
from services.columns import Column, columns_of
from services.parameters import Page
from services.statements import Text, shape

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A page as a table: each row is the id, a value for each column, the geometry (None where it is not wanted).

    A column of a group that the caller has in some communes only is None elsewhere. A day is its ISO text.
    """

    dataset: Dataset
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    page: Page = Page()


def columns(dataset: Dataset, groups: tuple[str, ...], page: Page) -> tuple[Column, ...]:
    """Return the columns of a page: those asked for, or all that the caller has."""
    return tuple(columns_of(dataset, groups).values()) if page.chosen is None else page.chosen


def with_wkt(dataset: Dataset, groups: tuple[str, ...], page: Page) -> sql.Composable:
    """Return the expression of a row whose geometry is WKT, to the millimetre, in the system asked for."""
    geometry = sql.SQL("ST_AsText({}, {})").format(shape(dataset, page), sql.Literal(page.crs.decimals))
    return array(dataset, groups, page, geometry)


def with_wkb(dataset: Dataset, groups: tuple[str, ...], page: Page) -> sql.Composable:
    """Return the expression of a row whose geometry is WKB in hexadecimal digits."""
    geometry = sql.SQL("encode(ST_AsBinary({}), 'hex')").format(shape(dataset, page))
    return array(dataset, groups, page, geometry)


def array(dataset: Dataset, groups: tuple[str, ...], page: Page, geometry: sql.Composable) -> sql.Composable:
    """Return the expression of a row as a JSON array."""
    values = [sql.Identifier("t", "id"), *(column.reference for column in columns(dataset, groups, page))]
    values.append(geometry if page.geometry else sql.SQL("NULL"))
    return sql.SQL("json_build_array({})::text").format(sql.SQL(", ").join(values))


TEXTS: dict[str, Text] = {"csv": with_wkt, "jsonld": with_wkt, "fgb": with_wkb}
