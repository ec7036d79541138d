"""As of a day, each door reads what was valid then, and little more: for a town of 60,000 parcels with five editions,
for the département, and for who has it by five agreements; a village pays for nobody's past but its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from time import sleep

import pytest
from psycopg import sql

from catalog.access import authenticate, token_key
from catalog.database import Connection, as_loader, as_principal, connect, query
from catalog.loader import datasets
from hunter.members import DAY
from services.columns import columns_of
from services.parameters import Cursor, Page, read_page
from services.statements import Statement, count_statement, page_statement
from tests.departments import METRES, Department, Plan, explained, middle

EDITIONS, APART = 5, 91 * DAY
FIRST = date(2020, 1, 1)
DAYS = [FIRST, FIRST + 2 * APART + 30 * DAY, FIRST + EDITIONS * APART - DAY]  # of the first edition, a middle, the last
PARCELS, MUTATIONS = datasets()["parcelles"], datasets()["mutations"]
MADE = """
INSERT INTO cadastre.parcelles_passe
    (id, commune, unite, edition, valide_au, prefixe, section, numero, contenance, arpente, geom, feature)
SELECT id, commune, unite, day, day + 91, prefixe, section, numero, contenance, arpente, geom, left(feature, 160)
FROM generate_series(0, %(editions)s - 1) e, LATERAL (SELECT %(first)s::date + 91 * e) edition (day), cadastre.parcelles
ORDER BY e, commune, id
"""
CHANGED = """
INSERT INTO cadastre.mutations (id, commune, unite, edition, edition_precedente, nature, geom, feature)
SELECT p.id || day, commune, unite, day, day - 91, 'modification', geom, left(feature, 160)
FROM generate_series(0, %(editions)s - 1) e, LATERAL (SELECT %(first)s::date + 91 * e) edition (day),
     cadastre.parcelles p WHERE right(p.id, 1) = '7'
ORDER BY e, commune, p.id
"""


@pytest.fixture(scope="session")  # as what it fills: tests of other files may come between these
def past(department) -> Department:
    """The département, that was there, parcel by parcel, in five editions before the one that is served."""
    with as_loader(department.settings) as connection:
        for statement in (MADE, CHANGED):
            connection.execute(statement, {"editions": EDITIONS, "first": FIRST})
    with connect(department.settings, "admin") as connection:
        settle(connection)
    return department


def settle(connection: Connection) -> None:
    """Vacuum until all pages are known to be visible: an automatic vacuum that looks on meanwhile keeps some back."""
    for _ in range(20):
        connection.execute("VACUUM ANALYZE cadastre.parcelles_passe, cadastre.mutations")
        seen = "SELECT relallvisible >= relpages FROM pg_class WHERE oid = 'cadastre.parcelles_passe'::regclass"
        if connection.execute(seen).fetchone()[0]:
            return
        sleep(1)


def asked(day: date, **parameters: object) -> Page:
    """A page as of a day."""
    given = {"datetime": day, **parameters}
    pairs = tuple((name.replace("_", "-"), str(value)) for name, value in given.items())
    return read_page(pairs, b"", columns_of(PARCELS, ("base",)), 2154, 10_000)


def around(place: tuple[float, float], side: float) -> dict[str, str]:
    """A box of that many metres."""
    (x, y), half = place, side / 2
    return {"bbox": f"{x - half},{y - half},{x + half},{y + half}", "bbox_crs": METRES.uri}


# What is asked, and the most pages of 8 KB that each may look at. One object of a day is asked for by its number: the
# page of an object knows no day, nor do tiles and exports.
PAGES = {
    "first page": ({"limit": 1000}, 600),
    "page of ten": ({"limit": 10}, 450),
    "next by offset": ({"limit": 1000, "offset": 1000}, 700),
    "150 m": ({"limit": 1000, "side": 150}, 130),
    "600 m": ({"limit": 1000, "side": 600}, 450),
    "20 km": ({"limit": 1000, "side": 20_000}, 650),
    "section and number": ({"limit": 10, "section": "AA", "numero": "0100"}, 160),
    "the largest": ({"limit": 10, "sortby": "-contenance"}, 8000),
}
COUNTS = {
    "all": ({}, 1400),
    "150 m": ({"side": 150}, 130),
    "600 m": ({"side": 600}, 450),
    "section and number": ({"section": "AA", "numero": "0100"}, 400),
}


def page(asking: dict, place: tuple[float, float], day: date) -> Page:
    """What is asked, its box around a place."""
    given = dict(asking)
    side = given.pop("side", None)
    return asked(day, **given, **(around(place, side) if side else {}))


def plan(department: Department, who: str, statement: Statement) -> Plan:
    """Run a statement as a member and return what was done for it."""
    principal = authenticate(department.web, department.members[who].token)
    with as_principal(department.web, principal, "feature") as connection:
        return explained(connection, *statement)


def bounded(found: Plan, buffers: int) -> None:
    """What was done is little, and no table was read from end to end."""
    assert not found.tables_read_whole & {"parcelles", "parcelles_passe"}
    assert found.buffers < buffers


@pytest.mark.parametrize("day", DAYS, ids=["first", "middle", "last"])
@pytest.mark.parametrize("who", ["ville", "departement", "union"])
@pytest.mark.parametrize(("asking", "buffers"), PAGES.values(), ids=PAGES)
def test_a_page_of_a_day_is_read_by_its_index(past, who, day, asking, buffers):
    place = middle(past, past.members[who])
    found = plan(past, who, page_statement(PARCELS, ("base",), page(asking, place, day)))
    bounded(found, buffers)
    assert found.tree["Actual Rows"] > 0


@pytest.mark.parametrize("day", DAYS, ids=["first", "middle", "last"])
@pytest.mark.parametrize("who", ["ville", "departement", "union"])
@pytest.mark.parametrize(("asking", "buffers"), COUNTS.values(), ids=COUNTS)
def test_a_count_of_a_day_is_read_by_its_index(past, who, day, asking, buffers):
    place = middle(past, past.members[who])
    bounded(plan(past, who, count_statement(PARCELS, ("base",), page(asking, place, day))), buffers)


@pytest.mark.parametrize("who", ["ville", "departement", "union"])
def test_a_page_far_behind_in_a_town_costs_no_more_than_the_first(past, who):
    town = past.members["ville"].communes[0]
    far = "SELECT id, edition::text FROM cadastre.parcelles_passe WHERE commune = %s ORDER BY id OFFSET 240000 LIMIT 1"
    with connect(past.settings, "admin") as connection:
        after = Cursor(town, *connection.execute(far, [town]).fetchone())
    found = plan(past, who, page_statement(PARCELS, ("base",), asked(DAYS[1], limit=1000, after=after.encode())))
    bounded(found, PAGES["first page"][1])
    assert found.tree["Actual Rows"] == 1001


@pytest.mark.parametrize("day", DAYS, ids=["first", "middle", "last"])
@pytest.mark.parametrize("made", [page_statement, count_statement])
@pytest.mark.parametrize("asking", [{}, {"side": 20_000}, {"sortby": "-contenance"}, {"section": "AA"}], ids=str)
def test_a_village_does_not_pay_for_the_past_of_a_town(past, asking, made, day):
    place = middle(past, past.members["village"])
    bounded(plan(past, "village", made(PARCELS, ("base",), page(asking, place, day))), 160)


@pytest.mark.parametrize("made", [page_statement, count_statement])
@pytest.mark.parametrize("side", [150, 20_000])
def test_a_box_of_a_day_over_hidden_parcels_alone_does_not_ask_a_table(past, made, side):
    west = middle(past, past.members["ville"])[0] - 30_000
    place = west, middle(past, past.members["ville"])[1]
    for at, hidden in ((middle(past, past.members["ville"]), 150), (place, side)):
        found = plan(past, "village", made(PARCELS, ("base",), page({"side": hidden}, at, DAYS[1])))
        assert found.times_read("parcelles") == found.times_read("parcelles_passe") == 0


@pytest.mark.parametrize("who", ["village", "ville", "departement", "union"])
@pytest.mark.parametrize("made", [page_statement, count_statement])
def test_what_happened_in_some_days_is_read_by_its_index(past, who, made):
    page = Page(limit=100, days=(FIRST + APART, FIRST + 2 * APART))
    found = plan(past, who, made(MUTATIONS, ("base",), page))
    assert found.buffers < 250
    assert not found.tables_read_whole


@contextmanager
def without(department: Department, who: str, index: str) -> Iterator[Connection]:
    """A member's transaction in which an index is not there; it is there again afterwards."""
    with connect(department.settings, "admin") as connection, connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("DROP INDEX cadastre.{}").format(sql.Identifier(index)))
        connection.execute(query("become_reader"), [token_key(department.members[who].token), "feature"])
        yield connection


@pytest.mark.parametrize(
    ("index", "made", "door"),
    [
        ("parcelles_commune_id_edition_idx", page_statement, PAGES["page of ten"]),
        ("parcelles_passe_commune_id_edition_valide_au_idx", page_statement, PAGES["first page"]),
        ("parcelles_passe_geom_edition_valide_au_idx", page_statement, PAGES["150 m"]),
        ("parcelles_passe_geom_edition_valide_au_idx", count_statement, COUNTS["600 m"]),
        ("parcelles_passe_commune_valide_au_edition_idx", count_statement, COUNTS["all"]),
        ("parcelles_passe_commune_section_numero_edition_valide_au_idx", page_statement, PAGES["section and number"]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_without_its_index_each_bound_is_broken_so_that_these_tests_can_fail(past, index, made, door):
    asking, buffers = door
    place = middle(past, past.members["departement"])
    with without(past, "departement", index) as connection:
        found = explained(connection, *made(PARCELS, ("base",), page(asking, place, DAYS[1])))
    assert found.buffers > 2 * buffers
