"""What is asked of items → one statement of SQL that makes the GeoJSON text; identifiers quoted, values bound."""

from collections.abc import Callable, Iterable
from typing import Any

import shapely
from psycopg import sql

from catalog.database import query
from catalog.model import BASE, Dataset
from services.columns import Column, alias
from services.conditions import granted
from services.crs import CRS84
from services.parameters import Page

Statement = tuple[sql.Composed, dict[str, Any]]
Text = Callable[[Dataset, tuple[str, ...], Page], sql.Composable]

# A box wider than this is walked commune by commune as the whole collection is; a smaller one is searched by its index.
WIDE_METRES = 5000

# The loader's text of a feature, without its last two braces: {"type":"Feature","id":…,"geometry":…,"properties":{…
GEOMETRY, PROPERTIES = '"geometry":', ',"properties":{'


def page_statement(dataset: Dataset, groups: tuple[str, ...], page: Page, text: Text | None = None) -> Statement:
    """Return the statement of one page; `text` makes the expression of an object, which is GeoJSON otherwise."""
    parts = common(dataset, groups, page) | {
        "feature": (text or feature)(dataset, groups, page),
        "start": start(page),
        "communes": communes(dataset, page, first="%(after_commune)s"),
        "versions": sql.SQL(", t.edition") if page.days else sql.SQL(""),
        "rows": sql.Literal(page.limit + 1),
        "end": end(page),
        "offset": sql.Literal(page.offset),
        **ordering(page),
    }
    name = "search" if searched(page) else "gather" if page.sort else "walk"
    return template("page").format(rows=template(name).format(**parts)), values(page)


def count_statement(dataset: Dataset, groups: tuple[str, ...], page: Page) -> Statement:
    """Return the statement of how many items match."""
    parts = common(dataset, groups, page, only_needed=True) | {"communes": communes(dataset, page, first="''")}
    return template("count" if searched(page) else "count_walk").format(**parts), values(page)


def item_statement(dataset: Dataset, groups: tuple[str, ...], page: Page, text: Text | None = None) -> sql.Composed:
    """Return the statement of one feature, by its id."""
    parts = common(dataset, groups, page)
    made = (text or feature)(dataset, groups, page)
    return template("item").format(**parts, feature=made)


def placement_statement(dataset: Dataset) -> sql.Composed:
    """Return the statement that tells where one feature is, by its id."""
    names = {"dataset": sql.Literal(dataset.id), "table": sql.Identifier(*dataset.group_table())}
    return template("register_item").format(**names)


def template(name: str) -> sql.SQL:
    """Return a statement of this package, to be filled with identifiers."""
    return sql.SQL(query(name, package="services").rstrip())  # type: ignore[arg-type]


def searched(page: Page) -> bool:
    """True where an area is better searched by its index than walked commune by commune."""
    return page.area is not None and not wide(page.area)


def wide(area: shapely.Geometry) -> bool:
    """True for an area that is better walked than searched."""
    west, south, east, north = area.bounds
    return max(east - west, north - south) > WIDE_METRES


def common(
    dataset: Dataset, groups: tuple[str, ...], page: Page, only_needed: bool = False
) -> dict[str, sql.Composable]:
    """Return the parts that every statement on items has: where rows come from, and which."""
    spoken_of = spoken_of_by(page)
    wanted = sorted(needed_by(page)) if only_needed else joined(groups, page)
    return {
        "source": source(dataset, BASE, page),
        "joins": sql.SQL("").join(join(dataset, group, page, inner=group in spoken_of) for group in wanted),
        "conditions": sql.SQL(" AND ").join(
            [valid(dataset, page), *near_filters(dataset, page), *(each.sql for each in page.conditions)]
        ),
        **placed(dataset, page),
    }


def spoken_of_by(page: Page) -> frozenset[str]:
    """Return the groups beyond `base` of which a filter speaks."""
    return frozenset[str]().union(*map(granted, page.conditions))


def needed_by(page: Page) -> frozenset[str]:
    """Return the groups beyond `base` that a filter reads, be it where the caller has them only."""
    return spoken_of_by(page).union(*(each.beside for each in page.conditions)) - {BASE}


def joined(groups: Iterable[str], page: Page) -> list[str]:
    """Return the groups beyond `base` that are read for a page: to be shown, compared or sorted by."""
    looked_at = needed_by(page) | {column.group for column, _ in page.sort}
    wanted = [g for g in groups if g in looked_at or page.chosen is None or serves(page.chosen, g)]
    return sorted(set(wanted) - {BASE})


def serves(chosen: Iterable[Column], group: str) -> bool:
    """True where a group holds one of the properties asked for."""
    return any(column.group == group for column in chosen)


def source(dataset: Dataset, group: str, page: Page) -> sql.Composable:
    """Return the table of a group; where days are asked for all its versions, or what happened in them."""
    schema, name = dataset.group_table(group)
    if page.days is None:
        return sql.Identifier(schema, name)
    extra = ("geom",) if group == BASE else ()
    names = dict.fromkeys(("id", "commune", "edition", *dataset.columns((group,)), *extra, "feature"))
    form = "events" if dataset.events else "versions_near" if extra and searched(page) else "versions"
    return template(form).format(
        area=bound_area(dataset),
        columns=sql.SQL(", ").join(map(sql.Identifier, names)),
        table=sql.Identifier(schema, name),
        past=sql.Identifier(schema, f"{name}_passe"),
    )


def valid(dataset: Dataset, page: Page) -> sql.Composable:
    """Return the condition that a row was valid in the days asked for."""
    return sql.SQL("true") if page.days is None or dataset.events else template("valid")


def join(dataset: Dataset, group: str, page: Page, inner: bool) -> sql.Composed:
    """Return the join of a side table. Where a filter speaks of it, it matches the rows that the caller has of it."""
    keys = ("id", "commune", "edition", "valide_au") if page.days else ("id",)
    same = sql.SQL(" AND ").join(
        sql.SQL("{}.{} = t.{}").format(sql.Identifier(alias(group)), *2 * (sql.Identifier(key),)) for key in keys
    )
    return sql.SQL(f" {'' if inner else 'LEFT '}JOIN {{}} {{}} ON {{}}").format(
        source(dataset, group, page), sql.Identifier(alias(group)), same
    )


def placed(dataset: Dataset, page: Page) -> dict[str, sql.Composable]:
    """Return what says where rows must be: in the area, by its box first, which is what the index serves."""
    names = {"dataset": sql.Literal(dataset.id)}
    if page.area is None:
        return names | {"inside": sql.SQL("true"), "near": sql.SQL("true")}
    area = bound_area(dataset)
    inside = sql.SQL("t.geom && {area} AND ST_Intersects(t.geom, {area})").format(area=area)
    if not searched(page):
        inside = sql.SQL("(here.covered OR ({}))").format(inside)
    return names | {"inside": inside, "near": near(dataset, area, bool(page.days))}


def near(dataset: Dataset, area: sql.Composable, ever: bool = False) -> sql.Composed:
    """Return the condition that something of the caller's is near an area, or ever was."""
    return template("near_ever" if ever else "near").format(dataset=sql.Literal(dataset.id), area=area)


def near_filters(dataset: Dataset, page: Page) -> Iterable[sql.Composable]:
    """Yield the conditions that something of the caller's is near what filters speak of, as for `bbox`."""
    return (near(dataset, area, bool(page.days)) for each in page.conditions for area in each.areas)


def bound_area(dataset: Dataset) -> sql.Composed:
    """Return the area asked for, in the system of the table."""
    return sql.SQL("ST_GeomFromWKB(%(area)s::bytea, {})").format(sql.Literal(dataset.srid))


def communes(dataset: Dataset, page: Page, first: str) -> sql.Composable:
    """Return the communes of the caller's that are walked, from `first` on: all, or those that the area touches."""
    names = {"dataset": sql.Literal(dataset.id), "first": sql.SQL(first)}
    if page.area is None:
        return template("communes").format(**names)
    return template("communes_near").format(**names, area=bound_area(dataset), extents=sql.Identifier(extents(page)))


def extents(page: Page) -> str:
    """Return what tells where the caller's communes are; what was valid once may lie outside today's extents."""
    return "visible_extents_ever" if page.days else "visible_extents"


def end(page: Page) -> sql.Composable:
    """Return how many rows of one commune a page needs at most.

    Of a day it is not shown to the planner, which then counts on few: it knows of communes their mean size, and would
    rather sort all that a town once held than read the beginning of its index.
    """
    rows = sql.Literal(page.offset + page.limit + 1)
    return sql.SQL("(SELECT {})").format(rows) if page.days else rows


def start(page: Page) -> sql.Composable:
    """Return the condition that a row comes after where the last page ended."""
    if page.after is None:
        return sql.SQL("true")
    first = "CASE here.commune WHEN %(after_commune)s THEN %(after_id)s ELSE '' END"
    if page.days is None:
        return sql.SQL("(t.commune, t.id) > (%(after_commune)s, %(after_id)s)" if searched(page) else f"t.id > {first}")
    if searched(page):
        return sql.SQL("(t.commune, t.id, t.edition) > (%(after_commune)s, %(after_id)s, %(after_edition)s::date)")
    return sql.SQL(f"(t.id, t.edition) > ({first}, %(after_edition)s::date)")


def ordering(page: Page) -> dict[str, sql.Composable]:
    """Return the order asked for, to be followed by the order of ids; and, for who sorts later, its keys by names."""
    keys = [sql.Identifier(f"key_{number}") for number in range(len(page.sort))]
    columns = [column.reference for column, _ in page.sort]
    named = [sql.SQL(", {} AS {}").format(*each) for each in zip(columns, keys, strict=True)]
    return {"order": sorted_by(columns, page), "by_keys": sorted_by(keys, page), "keys": sql.SQL("").join(named)}


def sorted_by(keys: Iterable[sql.Identifier], page: Page) -> sql.Composed:
    """Return an order by these keys, each the way asked for."""
    ways = [sql.SQL("{} DESC NULLS LAST, " if down else "{} ASC NULLS LAST, ") for _, down in page.sort]
    return sql.SQL("").join(way.format(key) for way, key in zip(ways, keys, strict=True))


def values(page: Page) -> dict[str, Any]:
    """Return the values bound to a statement."""
    bound: dict[str, Any] = {"after_commune": page.after.commune if page.after else ""}
    for condition in page.conditions:
        bound |= condition.values
    if page.after:
        bound |= {"after_id": page.after.id, "after_edition": page.after.edition or "0001-01-01"}
    if page.area is not None:
        bound["area"] = shapely.to_wkb(page.area)
    if page.days:
        bound |= {"first_day": page.days[0], "last_day": page.days[1]}
    return bound


def feature(dataset: Dataset, groups: tuple[str, ...], page: Page) -> sql.Composable:
    """Return the expression of a feature's text: the loader's own, with what is asked otherwise put in its place."""
    ends = [sql.SQL("coalesce({}, '')").format(sql.Identifier(alias(g), "feature")) for g in groups if g != BASE]
    if page.chosen is None and page.geometry and page.crs == CRS84:
        return concatenated([sql.SQL("t.feature"), *ends, sql.Literal("}}")])
    properties = sql.SQL("substr(t.feature, position({} IN t.feature))").format(sql.Literal(PROPERTIES))
    if page.chosen is not None:
        properties, ends = sql.SQL("{} || {}").format(sql.Literal(PROPERTIES), members(page.chosen)), []
    head = sql.SQL("left(t.feature, position({} IN t.feature) + {})").format(
        sql.Literal(GEOMETRY), sql.Literal(len(GEOMETRY) - 1)
    )
    return concatenated([head, geometry(dataset, page), properties, *ends, sql.Literal("}}")])


def concatenated(parts: Iterable[sql.Composable]) -> sql.Composed:
    """Return texts joined into one."""
    return sql.SQL(" || ").join(parts)


def geometry(dataset: Dataset, page: Page) -> sql.Composable:
    """Return the expression of a geometry's text, in the system asked for."""
    if not page.geometry:
        return sql.Literal("null")
    if page.crs == CRS84:
        return sql.SQL(
            "substr(t.feature, position({geometry} IN t.feature) + {length}, "
            "position({properties} IN t.feature) - position({geometry} IN t.feature) - {length})"
        ).format(geometry=sql.Literal(GEOMETRY), properties=sql.Literal(PROPERTIES), length=sql.Literal(len(GEOMETRY)))
    return sql.SQL("ST_AsGeoJSON({}, {}, 0)").format(shape(dataset, page), sql.Literal(page.crs.decimals))


def shape(dataset: Dataset, page: Page) -> sql.Composable:
    """Return the expression of a geometry in the system asked for, with its order of axes."""
    placed: sql.Composable = sql.SQL("t.geom")
    if page.crs.srid != dataset.srid:
        placed = sql.SQL("ST_Transform({}, {})").format(placed, sql.Literal(page.crs.srid))
    return sql.SQL("ST_FlipCoordinates({})").format(placed) if page.crs.flipped else placed


def members(chosen: Iterable[Column]) -> sql.Composable:
    """Return the expression of the chosen properties; one of a group that the caller has not here is absent."""
    texts = [member(column) for column in chosen]
    return sql.SQL("concat_ws(',', {})").format(sql.SQL(", ").join(texts)) if texts else sql.Literal("")


def member(column: Column) -> sql.Composed:
    """Return the expression of one property's name and value."""
    text = sql.SQL("{} || coalesce(to_json({})::text, 'null')").format(
        sql.Literal(f'"{column.name}":'), column.reference
    )
    if column.group == BASE:
        return text
    return sql.SQL("CASE WHEN {} IS NOT NULL THEN {} END").format(sql.Identifier(alias(column.group), "id"), text)
