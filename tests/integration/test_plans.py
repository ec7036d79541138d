"""The hot statements, exactly as the services send them, keep their indexes: for a village, a town, and everybody.

The town has 60,000 parcels: under a policy, what is read in vain is what the tenant owns:
a village shows nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql

from bench import profiles
from bench.department import Member, add_members, batches_with_town, fill
from bench.questions import tile_at
from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import Connection, Pool, as_principal, connect, pool, query
from catalog.loader import datasets
from catalog.migrate import migrate
from catalog.model import USAGES
from catalog.settings import Settings, settings
from hunter.members import DAY, TODAY
from services.crs import SYSTEMS, area
from services.parameters import Cursor, Page
from services.providers import tiles
from services.statements import page_statement
from services.tile_grid import Tile
from tests import clusters

TOWN, COMMUNES, PARCELS = 60_000, 41, 20_000
TENANTS = ("village", "ville", "groupe", "departement", "union")
OTHERS = 255  # organisations, with twenty datasets each
PARCELLES = datasets()["parcelles"]
METRES = next(crs for crs in SYSTEMS.values() if crs.srid == 2154)


@dataclass(frozen=True)
class Department:
    """A département in a database, its members, and a pool of the services' own role."""

    settings: Settings
    members: dict[str, Member]
    web: Pool


@pytest.fixture(scope="module")
def department(cluster, template) -> Iterator[Department]:
    """A small département whose town is as large as a real one's."""
    name = f"plans_{uuid4().hex}"
    clusters.copied(cluster, name, template)
    own = settings({**cluster.environment, "GEOSOCLE_DSN": cluster.dsn_for(database=name)})
    migrate(own)
    fill(own, batches_with_town(TOWN, PARCELS, COMMUNES))
    members = add_members(own, COMMUNES)
    with connect(own, "admin") as connection, connection.transaction():
        profiles.add_members(connection, OTHERS)
        members["union"] = united(connection, members["departement"].communes)
    with pool(own, "web") as web:
        yield Department(own, members, web)
    cluster.drop_database(name)


def united(connection: Connection, communes: tuple[str, ...]) -> Member:
    """A tenant whose five agreements overlap, and give together what the département has."""
    add_organisation(connection, "union", "Union", "syndicat", communes)
    size = len(communes) // 5
    for number in range(5):
        some = communes[number * size :] if number == 4 else communes[number * size : (number + 1) * size + 4]
        right = Right("parcelles", "base", USAGES, some)
        add_agreement(connection, f"union-{number}", "union", "essai", TODAY, TODAY + DAY, [right])
    return Member("union", issue_token(connection, "union"), communes)


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


@dataclass(frozen=True)
class Plan:
    """What PostgreSQL did for a statement."""

    tree: dict[str, Any]

    def nodes(self, node: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All steps, from the last one down."""
        node = node or self.tree
        yield node
        for child in node.get("Plans", ()):
            yield from self.nodes(child)

    @property
    def buffers(self) -> int:
        """Pages of eight kilobytes that were looked at."""
        return self.tree["Shared Hit Blocks"] + self.tree["Shared Read Blocks"]

    @property
    def indexes(self) -> set[str]:
        """Names of the indexes used."""
        return {node["Index Name"] for node in self.nodes() if "Index Name" in node}

    @property
    def tables_read_whole(self) -> set[str]:
        """Names of the tables read from end to end."""
        return {node["Relation Name"] for node in self.nodes() if node["Node Type"] == "Seq Scan"}

    def times_read(self, table: str) -> int:
        """How many times a table that is in the plan was read."""
        loops = [node["Actual Loops"] for node in self.nodes() if node.get("Relation Name") == table]
        assert loops
        return sum(loops)

    @property
    def rows_refused(self) -> int:
        """Rows that were read, then left out."""
        return sum(node.get("Rows Removed by Filter", 0) * node["Actual Loops"] for node in self.nodes())


def plan(
    department: Department, tenant: Member, statement: sql.Composed, values: dict[str, Any], usage="feature"
) -> Plan:
    """Run a statement as a tenant and return what was done for it."""
    with as_principal(department.web, authenticate(department.web, tenant.token), usage) as connection:
        return explained(connection, statement, values)


def explained(connection: Connection, statement: sql.Composed, values: dict[str, Any]) -> Plan:
    row = connection.execute(sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ") + statement, values).fetchone()
    tree = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return Plan(tree[0]["Plan"])


def middle(department: Department, tenant: Member) -> tuple[float, float]:
    """A place in the middle of what a tenant sees, in metres: of its last commune, to be in one for sure."""
    statement = (
        "SELECT ST_X(c), ST_Y(c) FROM (SELECT ST_Centroid(extent) c FROM access.statistics WHERE commune = %s) s"
    )
    with connect(department.settings, "admin") as connection:
        return connection.execute(statement, [tenant.communes[-1]]).fetchone()


def box(department: Department, tenant: Member, side: float) -> Page:
    """A page of what a square around the middle holds."""
    x, y = middle(department, tenant)
    return Page(limit=1000, area=area((x - side / 2, y - side / 2, x + side / 2, y + side / 2), METRES, 2154))


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
    assert found.indexes == {"parcelles_commune_id_idx"}
    assert "parcelles" not in found.tables_read_whole
    assert found.buffers < 100 + limit // 5
    assert "Sort" not in {node["Node Type"] for node in found.nodes() if node["Actual Rows"] > len(tenant.communes)}


def test_a_page_far_behind_costs_no_more_than_the_first(department, tenant):
    last = tenant.communes[-1]
    after = Cursor(last, f"{last}000AA0100")
    first = page_plan(department, tenant, Page(limit=200))
    far = page_plan(department, tenant, Page(limit=200, after=after))
    assert far.indexes == {"parcelles_commune_id_idx"}
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
