"""Whatever is sent as a value, the statement is the one that a harmless value makes: nothing of it becomes SQL."""

import re

import pytest

from catalog.errors import BadRequest
from catalog.loader import datasets
from services.columns import columns_of
from services.parameters import Cursor, read_page
from services.statements import count_statement, page_statement

PARCELS = datasets()["parcelles"]
COLUMNS = columns_of(PARCELS, ("base",))
PAYLOADS = [
    "' OR '1'='1", "'; DROP TABLE cadastre.parcelles; --", '" OR ""="', "1) OR set_config('app.key','public',true)--",
    "%(area)s", "%s", "{}", "{0}", "$1", "\\'; SELECT 1; --", "/* */ UNION SELECT secret", "${jndi:x}", "U&'\\0027'",
    "x' || pg_sleep(5) || '", "é’œ", "ｓｅｌｅｃｔ", "0A\r\nCOMMIT;", "E'\\x27'", "'||current_setting('app.key')||'",
]  # fmt: skip
PLACES = {
    "a property": lambda text: {"section": text},
    "an equality": lambda text: {"filter": f"section = {literal(text)}"},
    "a list": lambda text: {"filter": f"section IN ({literal(text)}, 'x')"},
    "a pattern": lambda text: {"filter": f"section LIKE {literal(text)}"},
    "a cursor": lambda text: {"after": cursor(text)},
    "words": lambda text: {"q": text},
}
NAMES = {
    "sortby": lambda text: {"sortby": text},
    "properties": lambda text: {"properties": text},
    "a filtered property": lambda text: {"filter": f"{text} = 'x'"},
    "a parameter's name": lambda text: {text: "x"},
    "bbox": lambda text: {"bbox": f"0,0,1,{text}"},
    "datetime": lambda text: {"datetime": text},
    "limit": lambda text: {"limit": text},
    "crs": lambda text: {"crs": text},
}


def literal(text: str) -> str:
    """A text as CQL2 quotes it."""
    return "'" + text.replace("'", "''") + "'"


def cursor(text: str) -> str:
    """Where a page would end at an object of that id."""
    return Cursor("85901", text).encode()


def shapes(given: dict[str, str]) -> tuple[str, str]:
    """The texts of the statements of a page and of a count."""
    page = read_page(tuple(given.items()), b"", COLUMNS, PARCELS.srid, 1000)
    statements = page_statement(PARCELS, ("base",), page), count_statement(PARCELS, ("base",), page)
    page_text, count_text = (statement.as_string() for statement, _ in statements)
    return page_text, count_text


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_value_never_changes_the_statement(place, payload):
    try:
        made = shapes(place(payload))
    except BadRequest:
        return
    assert made == shapes(place(re.sub("[^,]+", "harmless", payload)))  # a comma stands between words to choose from


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("place", NAMES.values(), ids=NAMES)
def test_what_would_have_to_be_a_name_or_a_number_is_refused(place, payload):
    with pytest.raises(BadRequest):
        shapes(place(payload))
