"""Our server between two providers: a whole one for people, and one whose tokens are as hostile as a test wants."""

import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from catalog.database import connect
from catalog.identities import add_identity
from catalog.settings import Oidc
from tests.conftest import clone
from tests.services.conftest import AGREEMENTS, granted, serving
from tests.services.identity.issuer import AUDIENCE, issuing

PROVIDER = Path(__file__).with_name("canaille_provider.py")
HTML = {"Accept": "text/html"}


@dataclass
class Place:
    """Our server, its provider and its database."""

    url: str
    issuer: str
    settings: object
    token: str = field(repr=False)
    browsers: list = field(default_factory=list)

    def browser(self):
        """A browser that nobody has signed in with."""
        self.browsers.append(httpx.Client(base_url=self.url, headers=HTML, timeout=30))
        return self.browsers[-1]

    def sent_back(self, browser, name="alice"):
        """Go through the provider's pages, and return the address to which it sends the browser back."""
        answer = browser.get("/connexion/compte")
        for asked in ("login", "password"):
            answer = self.followed(browser, answer)
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)[1]
            value = name if asked == "login" else "motdepasse"
            answer = browser.post(str(answer.url), data={"csrf_token": token, asked: value, "answer": ""})
        return self.followed(browser, answer)

    def followed(self, browser, answer):
        """Follow redirections within the provider."""
        while answer.is_redirect:
            following = str(answer.url.join(answer.headers["location"]))
            if following.startswith(f"{self.url}/connexion/retour"):
                return following
            answer = browser.get(following)
        return answer

    def signed_in(self, name="alice"):
        """A browser with which somebody came back."""
        browser = self.browser()
        return browser, browser.get(self.sent_back(browser, name))


@pytest.fixture(scope="session")
def place(cluster, loaded_template):
    """Our server beside a whole provider, with two accounts: one belongs to the first commune."""
    pytest.importorskip("canaille", reason="canaille n'est pas installé")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    with clone(cluster, loaded_template) as own:
        token = granted(own, AGREEMENTS)["commune-a"]
        with connect(own, "admin") as connection:
            add_identity(connection, "commune-a", issuer, {"sub": "alice"})
        oidc = Oidc(issuer, "geosocle", "secret-du-client", "https://banque.exemple.fr")
        with serving(replace(own, oidc=oidc)) as url:
            command = [sys.executable, str(PROVIDER), str(port), f"{url}/connexion/retour"]
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stderr=subprocess.DEVNULL)
            try:
                wait_for(issuer)
                yield Place(url, issuer, own, token)
            finally:
                process.kill()
                process.wait()


def wait_for(issuer):
    """Wait until the provider answers."""
    for _ in range(300):
        try:
            return httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the provider did not start")


@pytest.fixture(scope="module")
def issuer():
    with issuing() as running:
        yield running


@pytest.fixture(scope="module")
def own(cluster, loaded_template, issuer):
    """A database where the issuer's robot belongs to the first commune."""
    with clone(cluster, loaded_template) as database:
        granted(database, AGREEMENTS)
        with connect(database, "admin") as connection:
            add_identity(connection, "commune-a", issuer.url, {"sub": "robot"})
        yield replace(database, oidc=Oidc(issuer.url, "geosocle", "secret", AUDIENCE))


@pytest.fixture(scope="module")
def url(own):
    with serving(own) as running:
        yield running
