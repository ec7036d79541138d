"""A département as large as plans must be tried on, its members of each size, and what PostgreSQL did for a statement.

The town has 60,000 parcels, its 40 neighbours 500 each. One member has its rights of five agreements, among 255
organisations with twenty datasets each.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from bench import profiles
from bench.department import Member, add_members, batches_with_town, fill
from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import Connection, Pool, connect, pool
from catalog.model import USAGES
from catalog.settings import Settings
from geosocle.cluster import Cluster
from hunter.members import DAY, TODAY
from services.crs import SYSTEMS, area
from tests.conftest import clone

TOWN, COMMUNES, PARCELS = 60_000, 41, 20_000
OTHERS = 255  # organisations, with twenty datasets each
METRES = next(crs for crs in SYSTEMS.values() if crs.srid == 2154)


@dataclass(frozen=True)
class Department:
    """A département in a database, its members, and a pool of the services' own role."""

    settings: Settings
    members: dict[str, Member]
    web: Pool


@contextmanager
def built(cluster: Cluster, template: str) -> Iterator[Department]:
    """The département in a database of its own, for the time of a block."""
    with clone(cluster, template) as own:
        fill(own, batches_with_town(TOWN, PARCELS, COMMUNES))
        members = add_members(own, COMMUNES)
        with connect(own, "admin") as connection, connection.transaction():
            profiles.add_members(connection, OTHERS)
            members["union"] = united(connection, members["departement"].communes)
        with pool(own, "web") as web:
            yield Department(own, members, web)


def united(connection: Connection, communes: tuple[str, ...]) -> Member:
    """A tenant whose five agreements overlap, and give together what the département has."""
    add_organisation(connection, "union", "Union", "syndicat", communes)
    size = len(communes) // 5
    for number in range(5):
        some = communes[number * size :] if number == 4 else communes[number * size : (number + 1) * size + 4]
        right = Right("parcelles", "base", USAGES, some)
        add_agreement(connection, f"union-{number}", "union", "essai", TODAY, TODAY + DAY, [right])
    return Member("union", issue_token(connection, "union"), communes)


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


def explained(connection: Connection, statement: sql.Composed, values: dict[str, Any]) -> Plan:
    """Run a statement twice and return what was done the second time: a session first reads what tables are."""
    connection.execute(statement, values).fetchone()
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


def square(department: Department, tenant: Member, side: float):
    """The area of a square in the middle of what a tenant sees, its side in metres."""
    x, y = middle(department, tenant)
    return area((x - side / 2, y - side / 2, x + side / 2, y + side / 2), METRES, 2154)
