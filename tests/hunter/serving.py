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

from catalog.access import Right, add_agreement, add_organisation, issue_token, revoke_token, token_key
from catalog.database import Connection, connect
from catalog.settings import Settings
from data_samples.model import World
from etl.pipeline import load
from etl.sources import Options
from geosocle.cluster import Cluster
from services.app import create_app
from tests.conftest import SAMPLES, clone, settings_of
from tests.hunter.hunt import Hunt
from tests.hunter.members import COMMUNES, Agreement, Member, agreements, organisations
from tests.hunter.oracle import Oracle
from tests.hunter.world import things

PATIENCE = 30  # seconds
WORKER = """
from catalog.settings import settings
from services.worker import Pace, run
run(settings(), Pace(polling=0.1, housekeeping=1))
"""


@contextmanager
def serving(settings: Settings) -> Iterator[httpx.Client]:
    """Serve a database on a free port, and give a client for it."""
    config = uvicorn.Config(create_app(settings), port=0, log_level="warning")
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
) -> Iterator[Hunt]:
    """Give a hunt on a copy of a loaded database, under the test's own agreements, with a fault or without."""
    granted = agreements()
    with clone(cluster, template) as own:
        shutil.copytree(settings_of(cluster, template).files, own.files, dirs_exist_ok=True)
        members = grant(own, granted)
        if plant:
            plant(own)
        past = things(world) if later else None
        oracle = Oracle(things(later or world), {agreement.id: agreement for agreement in granted}, past)
        beside = working(own) if worker else nullcontext()
        with beside, serving(replace(own, pool_size=pool_size)) as client, connect(own, "admin") as administration:
            hunt = Hunt(client, oracle, members, seed)
            hunt.change = partial(change, administration)
            yield hunt


def load_second_edition(settings: Settings) -> None:
    """Deliver the sheets that were renewed, so that there is a past."""
    report = load("cadastre", [SAMPLES / "cadastre_edition2"], Options(), settings)
    assert report.exit_code == 0, report


def change(connection: Connection, agreement: Agreement) -> None:
    """Write the last day of an agreement."""
    connection.execute("UPDATE access.agreements SET last_day = %s WHERE id = %s", [agreement.last, agreement.id])


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


def grant(settings: Settings, agreements: list[Agreement]) -> list[Member]:
    """Put the test's agreements in the database, and return everybody who will ask."""
    with connect(settings, "admin") as connection, connection.transaction():
        tokens = {}
        for organisation in organisations(agreements):
            add_organisation(connection, organisation, organisation, "commune", COMMUNES)
            tokens[organisation] = issue_token(connection, organisation)
        for one in agreements:
            rights = [Right(each.dataset, each.group, each.usages, each.communes) for each in one.given]
            add_agreement(connection, one.id, one.organisation, "essai", one.first, one.last, rights)
        revoked, expired = issue_token(connection, "departement"), issue_token(connection, "departement")
        revoke_token(connection, revoked)
        connection.execute("UPDATE access.tokens SET expires = now() WHERE sha256 = %s", [token_key(expired)])
        flagged = issue_token(connection, "vide", administrator=True)
    bad = {"revoked": revoked, "expired": expired, "unknown": revoked[:-4] + "AAAA", "malformed": "departement"}
    return [
        Member("anonymous", "public"),
        *(Member(organisation, organisation, token) for organisation, token in tokens.items()),
        Member("administrator", "vide", flagged),
        *(Member(name, None, token) for name, token in bad.items()),
    ]
