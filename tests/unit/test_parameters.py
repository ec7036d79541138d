"""Parameters are read strictly, whatever they hold."""

import contextlib
from datetime import date

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.errors import BadRequest
from services.columns import Column
from services.crs import CRS84, SYSTEMS, area, domain, system
from services.negotiation import format_of
from services.parameters import ITEMS, Cursor, Page, interval, read_page, read_query

COLUMNS = {"nom": Column("nom", "text", "base"), "taille": Column("taille", "integer", "base")}


def page(**parameters: str) -> Page:
    return read_page(tuple((k.replace("_", "-"), v) for k, v in parameters.items()), b"", COLUMNS, 2154, 10_000)


def test_nothing_asked_is_the_first_page_of_everything():
    assert page() == Page()
    assert not page().narrowed


def test_a_limit_beyond_the_most_is_the_most():
    assert page(limit="99999999").limit == 10_000


def test_a_cursor_comes_back_as_it_was():
    for cursor in (Cursor("85901", "a/é'\"", ""), Cursor("2A004", "x", "2026-01-01")):
        assert Cursor.decode(cursor.encode()) == cursor


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-01-02", (date(2026, 1, 2), date(2026, 1, 2))),
        ("2026-01-01T23:30:00Z", (date(2026, 1, 2), date(2026, 1, 2))),  # in Paris it is the day after
        ("2026-01-01/2026-02-01", (date(2026, 1, 1), date(2026, 2, 1))),
        ("../2026-02-01", (date.min, date(2026, 2, 1))),
        ("2026-02-01/", (date(2026, 2, 1), date.max)),
        ("../..", (date.min, date.max)),
    ],
)
def test_days_are_read_as_ogc_writes_them(text, days):
    assert interval(text) == days


def test_a_plus_that_became_a_space_sorts_upwards():
    (up, down), (name, sinking) = page(sortby=" taille,-nom").sort
    assert (up.name, down, name.name, sinking) == ("taille", False, "nom", True)


def test_the_query_string_is_decoded_strictly():
    assert read_query(b"a=%C3%A9&b=") == (("a", "é"), ("b", ""))
    for raw in (b"a=%FF", b"a=1&a=2", b"a=%00", b"\xff=1", b"&".join(b"a%d=1" % i for i in range(200))):
        with pytest.raises(BadRequest):
            read_query(raw)


numbers = st.floats() | st.integers() | st.sampled_from(["nan", "inf", "-0", "1e308", "", " ", "٣", "1_0", "0x1"])


@given(st.lists(numbers, min_size=3, max_size=6), st.sampled_from([*SYSTEMS, "x", ""]))
@example([-180, -90, 180, 90], CRS84.uri)
@example([1e308, 1e308, 1e308, 1e308], CRS84.uri)
def test_any_box_is_an_area_or_is_refused(values, uri):
    try:
        found = page(bbox=",".join(map(str, values)), bbox_crs=uri).area
    except BadRequest:
        return
    assert not shapely.get_coordinates(found).size or abs(shapely.get_coordinates(found)).max() < 1e8


@given(st.dictionaries(st.sampled_from(sorted(ITEMS | {"nom", "taille", "x"})), st.text(max_size=30), max_size=4))
def test_any_parameters_are_read_or_refused(given_parameters):
    with contextlib.suppress(BadRequest):
        read_page(tuple(given_parameters.items()), b"", COLUMNS, 2154, 10_000)


@pytest.mark.parametrize("crs", SYSTEMS.values(), ids=lambda crs: crs.uri[-12:])
def test_the_area_of_a_box_is_the_box_in_every_system(crs):
    """Points drawn in the box are in the area, those just outside are not."""
    from services.crs import transformer

    west, south = transformer(4326, crs.srid).transform(2.0, 46.0)
    side = 0.05 if crs.srid == 4326 else 5000.0
    corner = (south, west, south + side, west + side) if crs.flipped else (west, south, west + side, south + side)
    found = area(corner, crs, 2154)
    to_table = transformer(crs.srid, 2154)
    for step in (0.001, 0.25, 0.5, 0.999):
        for across in (0.001, 0.5, 0.999):
            inside = to_table.transform(west + step * side, south + across * side)
            assert found.covers(shapely.Point(inside))
        for outside in ((step, -0.0005), (step, 1.0005), (-0.0005, step), (1.0005, step)):
            point = to_table.transform(west + outside[0] * side, south + outside[1] * side)
            assert not found.covers(shapely.Point(point))


def test_a_box_across_the_antimeridian_is_its_two_halves():
    assert area((170, -90, 10, 90), CRS84, 2154).covers(area((1, 45, 2, 46), CRS84, 2154))
    assert area((170, -90, -170, 90), CRS84, 2154).is_empty


def test_the_domain_covers_metropolitan_france():
    assert shapely.box(*domain(4326)).covers(shapely.box(-5.2, 41.3, 9.6, 51.1))


def test_a_system_is_known_by_its_whole_uri_alone():
    for uri in (
        "EPSG:2154",
        "http://www.opengis.net/def/crs/EPSG/0/27572",
        "",
        "http://www.opengis.net/def/crs/EPSG/0/2154 ",
    ):
        with pytest.raises(BadRequest):
            system(uri, "crs")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("*/*", "json"),
        ("", "json"),
        ("text/html", "html"),
        ("text/html;q=0.1, application/json", "json"),
        ("application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("image/png", "json"),
        ("text/html;q=0", "json"),
        ("text/html;q=x", "json"),
    ],
)
def test_the_best_liked_format_is_given(accept, wanted):
    assert format_of({}, accept, ("json", "html")) == wanted


def test_a_format_asked_for_wins_and_an_unknown_one_is_refused():
    assert format_of({"f": "html"}, "application/json", ("json", "html")) == "html"
    with pytest.raises(BadRequest):
        format_of({"f": "png"}, "", ("json", "html"))
