"""A hunt on the current database: services on a port of their own, agreements of its own, all removed at the end."""

import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx

from catalog.database import Connection, connect
from catalog.errors import GeosocleError
from catalog.settings import Settings
from geosocle.children import child, wait_until
from geosocle.demo import READY_SECONDS, answers, services_environment
from hunter import deliveries, tables
from hunter.actions import Actions
from hunter.granting import granted
from hunter.hunt import Hunt
from hunter.members import agreements
from hunter.oracle import Oracle
from hunter.things import PARCELS, Things

PATIENCE = 60  # seconds
UNTHROTTLED = "1000000"  # failed credentials a minute: they are a part of the hunt


class NothingToHunt(GeosocleError):
    """Rien à chasser : la base ne tient aucune parcelle dont le public ne voie pas tout."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is hunted: where, over which communes, judged by which files."""

    seed: int
    url: str | None = None
    communes: tuple[str, ...] = ()
    deliveries: tuple[Path, ...] = ()


@contextmanager
def hunting(settings: Settings, plan: Plan) -> Iterator[Hunt]:
    """Give a hunt for the time of a block; its agreements are removed whatever happens, if need be by the next one."""
    with connect(settings, "admin") as administration:
        public = tables.public_rights(administration)
        known = tables.judged(everything(administration, plan), public)
        if PARCELS not in known.now:
            raise NothingToHunt
        near = tables.neighbours(administration, known.communes, Random(plan.seed))
        own = agreements(near, known.now)
        with granted(administration, own, sorted(set(near))) as members, answering(settings, plan.url) as url:
            oracle = Oracle(known, {one.id: one for one in [*public, *own]})
            with httpx.Client(base_url=url, timeout=PATIENCE) as client:
                hunt = Hunt(client, oracle, hunters(members, plan.url), plan.seed)
                hunt.actions = Actions(administration, hunt)
                yield hunt


def hunters(members: list, url: str | None) -> list:
    """Return who asks. Services that others use count bad credentials, and would soon refuse this machine's."""
    return members if url is None else [one for one in members if one.organisation]


def everything(administration: Connection, plan: Plan) -> Things:
    """Return what exists, as tables or files have it."""
    held = tables.held_communes(administration)
    read = [code for code in held if code in (plan.communes or held)]
    known = tables.things(administration, read, tables.days(administration))
    return deliveries.with_deliveries(known, plan.deliveries) if plan.deliveries else known


@contextmanager
def answering(settings: Settings, url: str | None) -> Iterator[str]:
    """Give the address of services: those that run, or some of our own, with a worker, for the time of a block."""
    if url:
        yield url
        return
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = services_environment(settings, address) | {"GEOSOCLE_LOGIN_FAILURES": UNTHROTTLED}
    command = [sys.executable, "-m", "geosocle"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "services.log"
        with (
            child([*command, "worker"], environment, Path(folder) / "worker.log", "KILL"),
            child([*command, "serve", "--port", str(port), "--workers", "1"], environment, log) as server,
        ):
            wait_until(lambda: answers(address), server, log, READY_SECONDS)
            yield address


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as attempt:
        return attempt.getsockname()[1]
