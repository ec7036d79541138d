"""The database of a run: a private cluster with a département in it, and the same rows again for the peers."""

import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bench import department
from bench.department import Member
from catalog.database import connect, query
from catalog.migrate import migrate
from catalog.settings import Settings, settings
from data_samples.department import department_batches
from geosocle.cluster import ADMIN, Cluster
from geosocle.passwords import password

PEERS = "pairs"


@dataclass(frozen=True, slots=True)
class Base:
    """What the servers of a run share."""

    cluster: Cluster
    settings: Settings
    members: Mapping[str, Member]
    versions: str

    @property
    def peers(self) -> dict[str, str]:
        """How the peers reach their copy: as the superuser, so that no rule slows them."""
        secret = password(self.cluster.state, ADMIN)
        return {"host": str(self.cluster.socket), "user": ADMIN, "password": secret, "dbname": PEERS}

    @property
    def peers_dsn(self) -> str:
        """The same, in libpq's words, with the password in its file."""
        return self.cluster.dsn_for(database=PEERS)


@contextmanager
def filled(parcels: int, advance: Callable[[int], object]) -> Iterator[Base]:
    """Give a private cluster with a département in it, for the time of a block."""
    with Cluster.temporary() as cluster:
        own = settings({**cluster.environment, "GEOSOCLE_POOL_SIZE": "8"})
        migrate(own)
        communes = max(2, parcels // department.VILLAGE)
        department.fill(own, department_batches(communes=communes, total=parcels), advance)
        members = department.add_members(own, communes)
        copy_for_peers(cluster, own)
        yield Base(cluster, own, members, versions(own))


def copy_for_peers(cluster: Cluster, own: Settings) -> None:
    """Give the peers a plain table of the same rows, with the indexes they want, in a database without rules."""
    cluster.create_database(PEERS)
    theirs = settings({**cluster.environment, "GEOSOCLE_DSN": cluster.dsn_for(database=PEERS)})
    with connect(own, "admin") as source, connect(theirs, "admin") as target:
        target.execute(query("create_peers_table", "bench"))
        with (
            source.cursor().copy(query("copy_from_ours", "bench")) as rows,
            target.cursor().copy("COPY parcelles FROM STDIN (FORMAT binary)") as copy,
        ):
            for block in rows:
                copy.write(block)
        target.execute(query("index_peers_table", "bench"))
        target.execute("VACUUM ANALYZE parcelles")


def versions(own: Settings) -> str:
    """Name what the figures depend on."""
    with connect(own, "admin") as connection:
        postgresql, postgis = connection.execute(query("versions", "bench")).fetchone()
    return f"PostgreSQL {postgresql}, PostGIS {postgis}, Python {platform.python_version()}"
