"""The hot statements, exactly as the services send them, keep their indexes: for a village, a town, and everybody.

The town has 60,000 parcels: under a policy, what is read in vain is what the tenant owns:
a village shows nothing.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import sql

from bench.department import Member
from bench.questions import tile_at
from catalog.access import authenticate
from catalog.database import as_principal, connect, query
from catalog.loader import datasets
from services.parameters import Cursor, Page
from services.providers import tiles
from services.statements import page_statement
from services.tile_grid import Tile
from tests.departments import OTHERS, Department, Plan, explained, middle, square

TENANTS = ("village", "ville", "groupe", "departement", "union")
PARCELLES = datasets()["parcelles"]


def test_everybody_else_has_agreements_too(department):
    with connect(department.settings, "admin") as connection:
        (datasets_held,) = connection.execute(
            "SELECT min(n) FROM (SELECT count(DISTINCT dataset) n FROM access.rights WHERE agreement LIKE 'commune-%'"
            " GROUP BY agreement HAVING count(*) > 0) t"
        ).fetchone()
        (others,) = connection.execute("SELECT count(*) FROM access.organisations WHERE id LIKE 'commune-%'").fetchone()
        (own,) = connection.execute("SELECT count(*) FROM access.agreements WHERE organisation = 'union'").fetchone()
    assert (others, datasets_held, own) == (OTHERS, 20, 5)


@pytest.fixture(params=TENANTS)
def tenant(request, department) -> Member:
    """Each size of tenant in turn."""
    return department.members[request.param]


def plan(
    department: Department, tenant: Member, statement: sql.Composed, values: dict[str, Any], usage="feature"
) -> Plan:
    """Run a statement as a tenant and return what was done for it."""
    with as_principal(department.web, authenticate(department.web, tenant.token), usage) as connection:
        return explained(connection, statement, values)


def box(department: Department, tenant: Member, side: float) -> Page:
    """A page of what a square around the middle holds."""
    return Page(limit=1000, area=square(department, tenant, side))


def page_plan(department: Department, tenant: Member, page: Page) -> Plan:
    return plan(department, tenant, *page_statement(PARCELLES, ("base",), page))


def tile_plan(department: Department, tenant: Member, zoom: int) -> Plan:
    """The plan of the tile in the middle."""
    place = Tile(*tile_at(*middle(department, tenant), zoom))
    values = tiles.arguments(PARCELLES, place, place.box(2154, tiles.MARGIN))
    return plan(department, tenant, tiles.statement(PARCELLES, ("base",), whole=True), values, usage="tile")


@pytest.mark.parametrize(("side", "buffers"), [(150, 200), (600, 500)])
def test_a_box_is_found_by_the_spatial_index_alone(department, tenant, side, buffers):
    found = page_plan(department, tenant, box(department, tenant, side))
    assert found.indexes == {"parcelles_geom_idx"}
    assert "parcelles" not in found.tables_read_whole
    assert found.buffers < buffers
    assert found.rows_refused < 200


def test_a_box_holds_what_it_should(department, tenant):
    page = box(department, tenant, 150)
    with as_principal(department.web, authenticate(department.web, tenant.token), "feature") as connection:
        found = connection.execute(*page_statement(PARCELLES, ("base",), page)).fetchall()
    assert 20 <= len(found) <= 70


@pytest.mark.parametrize("limit", [10, 1000])
def test_the_first_page_is_read_off_the_index_of_communes(department, tenant, limit):
    found = page_plan(department, tenant, Page(limit=limit))
    assert found.indexes == {"parcelles_commune_id_edition_idx"}
    assert "parcelles" not in found.tables_read_whole
    assert found.buffers < 100 + limit // 5
    assert "Sort" not in {node["Node Type"] for node in found.nodes() if node["Actual Rows"] > len(tenant.communes)}


def test_a_page_far_behind_costs_no_more_than_the_first(department, tenant):
    last = tenant.communes[-1]
    after = Cursor(last, f"{last}000AA0100")
    first = page_plan(department, tenant, Page(limit=200))
    far = page_plan(department, tenant, Page(limit=200, after=after))
    assert far.indexes == {"parcelles_commune_id_edition_idx"}
    assert far.buffers < first.buffers + 50


@pytest.mark.parametrize(("zoom", "buffers"), [(16, 500), (14, 3000)])
def test_a_tile_is_found_by_the_spatial_index_alone(department, tenant, zoom, buffers):
    found = tile_plan(department, tenant, zoom)
    assert found.indexes == {"parcelles_geom_idx"}
    assert "parcelles" not in found.tables_read_whole
    assert found.buffers < buffers


@pytest.mark.parametrize("whole", [True, False])
def test_a_tile_over_hidden_parcels_alone_does_not_ask_the_table(department, whole):
    village, town = department.members["village"], department.members["ville"]
    place = Tile(*tile_at(*middle(department, town), 16))
    values = tiles.arguments(PARCELLES, place, place.box(2154, tiles.MARGIN)) | {"smallest": 1}
    statement = tiles.statement(PARCELLES, ("base",), whole)
    hidden, seen = (plan(department, member, statement, values, usage="tile") for member in (village, town))
    assert hidden.times_read("parcelles") == 0
    assert seen.times_read("parcelles") > 0
    assert any("One-Time Filter" in node for node in hidden.nodes())


def test_counting_all_that_is_visible_reads_no_parcel(department, tenant):
    statement = sql.SQL(query("statistics", "services"))
    found = plan(department, tenant, statement, {"datasets": ["parcelles"], "any_usage": False})
    assert found.buffers < 200


@pytest.fixture
def leaking(department) -> Iterator[None]:
    """The operator of boxes as PostGIS delivers it, for the time of a test."""
    with connect(department.settings, "admin") as connection:
        connection.execute("ALTER FUNCTION public.geometry_overlaps(geometry, geometry) NOT LEAKPROOF")
        yield
        connection.execute(query("secure_database"))


def test_without_leakproof_the_index_is_lost_so_that_these_tests_can_fail(department, leaking):
    town = department.members["ville"]
    found = page_plan(department, town, box(department, town, 150))
    assert "parcelles_geom_idx" not in found.indexes or found.rows_refused > 10_000
    assert found.buffers > 500
