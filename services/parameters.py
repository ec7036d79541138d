"""Query parameters, read strictly before pygeoapi sees them: what is unknown, repeated or malformed is refused.

Otherwise an unknown parameter would be ignored, and the whole table served for a misspelt filter.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import shapely

from catalog.errors import BadRequest
from services.columns import Column, day, known, storable, value_of
from services.conditions import Condition, equality
from services.cql2 import parse
from services.crs import CRS84, Box, Crs, area, system
from services.filters import compile_filter
from services.nodes import read_json
from services.text_search import search

Pairs = tuple[tuple[str, str], ...]

DEFAULT_LIMIT = 100
MAX_OFFSET = 10**9
MAX_PARAMETERS = 100
MAX_CURSOR = 1000
EVERYWHERE = frozenset({"f", "lang"})
LANGUAGES = ("fr", "fr-FR")
ITEMS = EVERYWHERE | {
    "limit", "offset", "after", "bbox", "bbox-crs", "crs", "datetime", "properties", "skipGeometry", "sortby",
    "filter", "filter-lang", "filter-crs", "resulttype", "q",
}  # fmt: skip
ITEM = EVERYWHERE | {"crs"}
NUMBER = re.compile(r"\d{1,10}\Z", re.ASCII)
COORDINATE = re.compile(r"\s*[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?\s*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the next one goes on after this row."""

    commune: str
    id: str
    edition: str = ""

    def encode(self) -> str:
        """Return the cursor as it stands in an address."""
        return base64.urlsafe_b64encode(json.dumps([self.commune, self.id, self.edition]).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read a cursor. Raises BadRequest for what `encode` did not write."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            values = json.loads(raw)
        except (binascii.Error, ValueError, RecursionError) as error:
            raise BadRequest(parameter="after") from error
        if (
            not isinstance(values, list)
            or len(values) != 3
            or not all(isinstance(v, str) and storable(v) for v in values)
        ):
            raise BadRequest(parameter="after")
        if values[2]:
            day(values[2])
        return cls(*values)


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked of a collection's items.

    `area` is the box in the system of the table; `days` the first and last day of validity, None for what is valid now;
    `chosen` the properties asked for, None for all.
    """

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: Cursor | None = None
    area: shapely.Geometry | None = None
    days: tuple[date, date] | None = None
    chosen: tuple[Column, ...] | None = None
    geometry: bool = True
    sort: tuple[tuple[Column, bool], ...] = ()
    conditions: tuple[Condition, ...] = ()
    crs: Crs = CRS84
    hits: bool = False

    @property
    def narrowed(self) -> bool:
        """True where not everything visible is asked for, so that nobody knows the count beforehand."""
        return bool(self.conditions) or self.area is not None or self.days is not None


def read_query(raw: bytes) -> Pairs:
    """Return the pairs of a query string. Raises BadRequest for broken text and for repeated names."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise BadRequest from error
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names) or not all(storable(name + value) for name, value in pairs):
        raise BadRequest
    return tuple(pairs)


def check_names(pairs: Pairs, names: Collection[str]) -> None:
    """Raises BadRequest where a parameter is not one of `names`, or `lang` no language of ours."""
    for name, value in pairs:
        if name not in names:
            raise BadRequest
        if name == "lang" and value not in LANGUAGES:
            raise BadRequest(parameter="lang")


def read_page(pairs: Pairs, body: bytes, columns: Mapping[str, Column], srid: int, max_items: int) -> Page:
    """Read what is asked of a collection's items. Raises BadRequest."""
    check_names(pairs, ITEMS | columns.keys())
    given = dict(pairs)
    read: dict[str, Callable[[str], Any]] = {
        "limit": lambda text: min(whole(text, "limit", least=1), max_items),
        "offset": lambda text: whole(text, "offset"),
        "after": cursor,
        "datetime": interval,
        "skipGeometry": lambda text: not truth(text, "skipGeometry"),
        "properties": lambda text: chosen(text, columns),
        "sortby": lambda text: order(text, columns),
        "crs": lambda text: system(text, "crs"),
        "resulttype": hits,
    }
    renamed = {
        "datetime": "days",
        "skipGeometry": "geometry",
        "properties": "chosen",
        "sortby": "sort",
        "resulttype": "hits",
    }
    values = {}
    for name in (each for each in read if each in given):
        with blaming(name):
            values[renamed.get(name, name)] = read[name](given[name])
    page = Page(**values, area=box(given, srid), conditions=conditions(given, body, columns, srid))
    if page.after and (page.sort or page.offset):
        raise BadRequest(parameter="after")
    return page


def read_crs(pairs: Pairs) -> Crs:
    """Return the system in which one item is asked for."""
    return system(dict(pairs)["crs"], "crs") if "crs" in dict(pairs) else CRS84


@contextmanager
def blaming(parameter: str) -> Iterator[None]:
    """Name the parameter that is read in a block, where a refusal does not: hidden and unknown are still told alike."""
    try:
        yield
    except BadRequest as error:
        if error.parameter is None:
            raise BadRequest(str(error), parameter) from error
        raise


def whole(text: str, parameter: str, least: int = 0) -> int:
    """Read a whole number. Raises BadRequest."""
    if not NUMBER.match(text) or not least <= int(text) <= MAX_OFFSET:
        raise BadRequest("Un nombre entier est attendu.", parameter)
    return int(text)


def truth(text: str, parameter: str) -> bool:
    """Read `true` or `false`. Raises BadRequest."""
    if text not in ("true", "false"):
        raise BadRequest("« true » ou « false » est attendu.", parameter)
    return text == "true"


def cursor(text: str) -> Cursor:
    """Read where the page before ended."""
    if len(text) > MAX_CURSOR:
        raise BadRequest(parameter="after")
    return Cursor.decode(text)


def hits(text: str) -> bool:
    """Read the type of result: the items, or their number."""
    if text not in ("results", "hits"):
        raise BadRequest(parameter="resulttype")
    return text == "hits"


def interval(text: str) -> tuple[date, date]:
    """Read a day or an interval of days; `..` or nothing is open. Raises BadRequest."""
    ends = text.split("/")
    if len(ends) > 2 or not text:
        raise BadRequest("Une date ou un intervalle est attendu.", "datetime")
    if len(ends) == 1:
        return day(text), day(text)
    first = date.min if ends[0] in ("", "..") else day(ends[0])
    last = date.max if ends[1] in ("", "..") else day(ends[1])
    if first > last:
        raise BadRequest("Une date ou un intervalle est attendu.", "datetime")
    return first, last


def chosen(text: str, columns: Mapping[str, Column]) -> tuple[Column, ...]:
    """Return the properties asked for, in the order of the dataset."""
    names = {known(columns, name).name for name in text.split(",")} if text else set()
    return tuple(column for name, column in columns.items() if name in names)


def order(text: str, columns: Mapping[str, Column]) -> tuple[tuple[Column, bool], ...]:
    """Return the properties to sort by, with True where descending. A `+` may have become a space on its way."""
    keys = text.split(",")
    sort = tuple(
        (known(columns, key.lstrip("+- ") if key[:1] in ("+", "-", " ") else key), key[:1] == "-") for key in keys
    )
    if len({column for column, _ in sort}) < len(sort):
        raise BadRequest(parameter="sortby")
    return sort


def box(given: Mapping[str, str], srid: int) -> shapely.Geometry | None:
    """Return the area of `bbox`, in the system of the table. Raises BadRequest."""
    if "bbox" not in given:
        if "bbox-crs" in given:
            raise BadRequest("bbox-crs demande bbox.", "bbox-crs")
        return None
    crs = system(given["bbox-crs"], "bbox-crs") if "bbox-crs" in given else CRS84
    return area(corners(given["bbox"], crs), crs, srid)


def corners(text: str, crs: Crs) -> Box:
    """Read the four numbers of a box: lower corner, upper corner. Raises BadRequest."""
    numbers = text.split(",")
    wrong = BadRequest("Quatre nombres finis sont attendus : coin inférieur, coin supérieur.", "bbox")
    if len(numbers) != 4 or not all(COORDINATE.match(number) for number in numbers):
        raise wrong
    first, second, third, fourth = (float(number) for number in numbers)
    if not all(map(math.isfinite, (first, second, third, fourth))):
        raise wrong
    across = (second > fourth) if crs.flipped else (first > third)
    reversed_up = (first > third) if crs.flipped else (second > fourth)
    if reversed_up or (across and crs.srid != 4326):
        raise wrong
    return first, second, third, fourth


def conditions(
    given: Mapping[str, str], body: bytes, columns: Mapping[str, Column], srid: int
) -> tuple[Condition, ...]:
    """Return what properties must be equal to, the words to be found, and the filter. Raises BadRequest."""
    found = tuple(
        equality(columns[name], value_of(columns[name].kind, text), f"property{number}")
        for number, (name, text) in enumerate(given.items())
        if name in columns and name not in ITEMS
    )
    if "q" in given:
        found = (*found, search(given["q"], columns))
    crs = system(given["filter-crs"], "filter-crs") if "filter-crs" in given else CRS84
    language = given.get("filter-lang", "cql2-json" if body else "cql2-text")
    if language not in ("cql2-text", "cql2-json") or (body and ("filter" in given or language != "cql2-json")):
        raise BadRequest(parameter="filter-lang")
    if "filter" not in given and not body:
        if {"filter-lang", "filter-crs"} & given.keys():
            raise BadRequest(parameter="filter")
        return found
    with blaming("filter"):
        tree = parse(given["filter"]) if language == "cql2-text" else read_json(body or given["filter"])
        return (*found, compile_filter(tree, columns, srid, crs))
