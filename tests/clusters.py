"""The tests' own PostgreSQL: in memory where there is room, since each test's database is a thousand small files.

`GEOSOCLE_TEST_FOLDER` says another folder, as one on a disk.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg import connect, sql

from geosocle.cluster import THROWAWAY, Cluster, remove

MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes: six clusters at work were seen to hold one GiB together
LITTLE_JOURNAL = {"max_wal_size": "256MB"}  # a clone by copy needs none
LEFT_SECONDS = 3600  # a cluster that is stopped for so long is a killed session's


@contextmanager
def temporary(options: Mapping[str, str] = THROWAWAY) -> Iterator[Cluster]:
    """A cluster for the time of a block.

    One in memory outlives the death of its processes as one on a disk does: of what tests kill, nothing is lost.
    """
    with Cluster.temporary({**LITTLE_JOURNAL, **options}, folder()) as running:
        yield running


def folder() -> Path | None:
    """Where clusters are made: None for the ordinary temporary folder."""
    if chosen := os.environ.get("GEOSOCLE_TEST_FOLDER"):
        return Path(chosen)
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM or available() < ROOM:
        return None
    sweep(MEMORY)
    return MEMORY


def available() -> int:
    """How many bytes of memory programs may still take; none where nobody knows."""
    with Path("/proc/meminfo").open(encoding="ascii") as lines:
        found = re.search(r"^MemAvailable: +(\d+) kB", lines.read(), re.MULTILINE)
    return int(found[1]) << 10 if found else 0


def sweep(place: Path) -> None:
    """Remove the clusters that killed sessions left."""
    for left in place.glob("geosocle-test-*"):
        old = time.time() - left.stat().st_mtime > LEFT_SECONDS
        if old and left.stat().st_uid == os.geteuid() and Cluster(left).status() != "running":
            with suppress(FileNotFoundError):  # two sessions may begin at once
                remove(Cluster(left))


def copied(cluster: Cluster, name: str, template: str) -> None:
    """Make a database as a copy of another that nobody changes meanwhile: in memory by files, quicker than by pages."""
    if not cluster.state.is_relative_to(MEMORY):
        cluster.create_database(name, template=template)
        return
    with connect(cluster.dsn_for(database="postgres"), autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
