"""The real application on a free port over the loaded samples, and callers with agreements of the tests' own."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest
import uvicorn

from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import connect
from catalog.model import USAGES
from catalog.settings import Settings
from geosocle.commands.serve import KEEP_ALIVE
from hunter.members import TODAY
from hunter.things import CADASTRE
from services.app import create_app
from tests.conftest import clone
from tests.hunting.world import COMMUNES, A, B

DAY = timedelta(days=1)
PATIENCE = 30
WATER = "canalisations_eau"

# Who may what: (dataset, group, usages, communes).
AGREEMENTS: dict[str, list[Right]] = {
    "public": [Right(dataset, "base", USAGES, COMMUNES) for dataset in ("communes", "sections")],
    "commune-a": [Right(dataset, "base", USAGES, (A,)) for dataset in CADASTRE],
    "commune-b": [Right(dataset, "base", USAGES, (B,)) for dataset in CADASTRE],
    "eaux": [Right(WATER, "base", USAGES, COMMUNES), Right(WATER, "technical", USAGES, (A,))],
    "departement": [Right(dataset, "base", USAGES, COMMUNES) for dataset in (*CADASTRE, WATER, "orthophotos")],
    "regard": [Right("parcelles", "base", ("tile", "image"), (A,))],
    "vide": [],
}


@dataclass(frozen=True)
class Served:
    """A running server, and the token of each organisation."""

    url: str
    settings: Settings
    tokens: dict[str, str] = field(repr=False)

    def client(self, organisation: str | None = None) -> httpx.Client:
        """A client that asks as an organisation, or as nobody."""
        headers = {"Authorization": f"Bearer {self.tokens[organisation]}"} if organisation else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE)

    def get(self, organisation: str | None, path: str, **parameters: object) -> httpx.Response:
        """What an organisation is answered."""
        with self.client(organisation) as client:
            return client.get(path, params={name.replace("_", "-"): str(value) for name, value in parameters.items()})


@pytest.fixture(scope="session")
def served(cluster, loaded_template) -> Iterator[Served]:
    """A server over a copy of the samples: to read only."""
    with clone(cluster, loaded_template) as own, serving(own) as url:
        yield Served(url, own, granted(own, AGREEMENTS))


def granted(settings: Settings, agreements: dict[str, list[Right]]) -> dict[str, str]:
    """Make organisations with their agreements, and return their tokens."""
    with connect(settings, "admin") as connection, connection.transaction():
        for organisation, rights in agreements.items():
            if organisation != "public":
                add_organisation(connection, organisation, organisation, "commune", COMMUNES)
            if rights:
                days = TODAY - DAY, TODAY + DAY
                add_agreement(connection, f"essai-{organisation}", organisation, "essai", *days, rights)
        members = [organisation for organisation in agreements if organisation != "public"]
        return {organisation: issue_token(connection, organisation) for organisation in members}


@contextmanager
def serving(settings: Settings, public_url: str | None = None, proxies: str = "") -> Iterator[str]:
    """Serve a database on a free port for the time of a block, and give the address.

    public_url: what links bear, else that address. proxies: who is believed about a caller's, as `serve` has it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = create_app(replace(settings, public_url=public_url or url))
        trust = {"proxy_headers": bool(proxies), "forwarded_allow_ips": proxies}
        config = uvicorn.Config(
            app, log_level="warning", timeout_graceful_shutdown=1, timeout_keep_alive=KEEP_ALIVE, **trust
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            wait_for(server, thread)
            yield url
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Wait until the server listens."""
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)


def pages(client: httpx.Client, path: str, parameters: dict[str, str]) -> Iterator[dict]:
    """Every page of a collection, by its `next` links as they are."""
    response = client.get(path, params=parameters)
    while True:
        assert response.status_code == 200, response.text
        page = response.json()
        yield page
        following = link(page["links"], "next")
        if following is None:
            return
        response = client.get(following)


def link(links: Sequence[dict], relation: str) -> str | None:
    """The address of the first link of a relation."""
    return next((each["href"] for each in links if each["rel"] == relation), None)
