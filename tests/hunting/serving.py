"""The real application on a real socket, in this process so that a fault can be planted in its modules."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial

import httpx
import uvicorn

from catalog.database import Connection, connect
from catalog.settings import Settings
from data_samples.edition import second_edition
from data_samples.model import World
from etl.pipeline import load
from etl.sources import Options
from geosocle.cluster import Cluster
from geosocle.commands.serve import KEEP_ALIVE
from geosocle.protocol import BoundedProtocol
from hunter import tables
from hunter.actions import Actions
from hunter.granting import grant
from hunter.hunt import Hunt
from hunter.members import agreements, public
from hunter.oracle import Oracle
from hunter.things import Things
from services.app import create_app
from tests.conftest import SAMPLES, clone, settings_of
from tests.hunting.world import COMMUNES, borders, things

PATIENCE = 30  # seconds
WORKER = """
from catalog.settings import settings
from services.worker import Pace, run
run(settings(), Pace(polling=0.1, housekeeping=1))
"""


@contextmanager
def serving(settings: Settings) -> Iterator[httpx.Client]:
    """Serve a database on a free port, and give a client for it."""
    config = uvicorn.Config(
        create_app(settings), port=0, http=BoundedProtocol, log_level="warning", timeout_keep_alive=KEEP_ALIVE
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield from answering(server, thread)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def answering(server: uvicorn.Server, thread: threading.Thread) -> Iterator[httpx.Client]:
    """Wait until the server listens, then give a client."""
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()
    with httpx.Client(base_url=f"http://{host}:{port}", timeout=PATIENCE) as client:
        yield client


@contextmanager
def hunting_on(
    cluster: Cluster,
    template: str,
    world: World,
    seed: int,
    plant: Callable[[Settings], None] | None = None,
    worker: bool = False,
    pool_size: int = 8,
    later: World | None = None,
    reload: Callable[[Settings], Things] | None = None,
    pooled: bool = False,
) -> Iterator[Hunt]:
    """Give a hunt on a copy of a loaded database, under the test's own agreements, with a fault or without."""
    with clone(cluster, template) as own:
        shutil.copytree(settings_of(cluster, template).files, own.files, dirs_exist_ok=True)
        if plant:
            plant(own)
        with connect(own, "admin") as connection, connection.transaction():
            known = completed(connection, things(later or world, world if later else None))
            granted = [public(COMMUNES), *agreements(COMMUNES, known.now)]
            members = grant(connection, granted, COMMUNES)
        oracle = Oracle(known, {agreement.id: agreement for agreement in granted})
        beside = working(own) if worker else nullcontext()
        with (
            beside,
            serving(replace(own, pool_size=pool_size, pooled=pooled)) as client,
            connect(own, "admin") as administration,
        ):
            hunt = Hunt(client, oracle, members, seed)
            hunt.actions = Actions(
                administration, hunt, reload and partial(reload, own), kills=True, borders=borders(world)
            )
            yield hunt


def load_second_edition(settings: Settings) -> None:
    """Deliver the sheets that were renewed, so that there is a past."""
    report = load("cadastre", [SAMPLES / "cadastre_edition2"], Options(), settings)
    assert report.exit_code == 0, report


def deliver_second_edition(world: World, settings: Settings) -> Things:
    """Deliver the renewed sheets while others ask, and return what then exists."""
    load_second_edition(settings)
    with connect(settings, "admin") as connection:
        return completed(connection, things(second_edition(world), world))


def completed(connection: Connection, known: Things) -> Things:
    """Return the world with what it does not hold, as the tables have it: what the product deduces by itself."""
    return tables.completed(known, tables.things(connection, COMMUNES, known.days, but=known.now))


@contextmanager
def working(settings: Settings) -> Iterator[None]:
    """Keep a worker in a process of its own, ended with the block."""
    environment = {
        "GEOSOCLE_DSN": settings.dsn,
        "GEOSOCLE_STATE": str(settings.state),
        "GEOSOCLE_FILES": str(settings.files),
    }
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-c", WORKER]  # it does not outlive us, even killed
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
