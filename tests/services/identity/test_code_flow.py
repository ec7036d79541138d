"""The way back from a provider, each time wrong in one thing alone: no session is opened."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from catalog.database import connect

SESSIONS = "SELECT count(*) FROM access.sessions"
OTHERS = "N" * 43

# What the identity token says otherwise.
FAULTS = {
    "another nonce": {"nonce": OTHERS},
    "no nonce": {"nonce": None},
    "an empty nonce": {"nonce": ""},
    "a list with the nonce": "listed",
    "the nonce and more": "longer",
    "meant for another client": {"aud": "autre"},
    "asked for by another client": {"azp": "autre"},
    "of another issuer": {"iss": "https://ailleurs.exemple.fr"},
    "expired": {"exp": 1_700_000_000},
    "signed by a thief": {"key": RSAKey.generate_key(2048)},
}


@pytest.fixture
def browser(url):
    with httpx.Client(base_url=url, headers={"Accept": "text/html"}) as client:
        yield client


def departed(browser):
    """State and nonce that a browser was sent away with."""
    asked = parse_qs(urlsplit(browser.get("/connexion/compte").headers["location"]).query)
    return asked["state"][0], asked["nonce"][0]


def come_back(browser, issuer, state, **identity):
    """The answer to a browser that the provider sends back, and whether it then has a session."""
    issuer.identity = identity
    answer = browser.get("/connexion/retour", params={"code": "c", "state": state})
    return answer.status_code, "geosocle" in browser.cookies


@pytest.mark.parametrize("fault", FAULTS)
def test_one_thing_wrong_in_the_identity_token_opens_no_session(browser, issuer, own, fault):
    state, nonce = departed(browser)
    wrong = {"listed": {"nonce": [nonce]}, "longer": {"nonce": nonce + "="}}
    said = FAULTS[fault]
    identity = {"nonce": nonce} | (wrong[said] if isinstance(said, str) else said)
    with connect(own, "admin") as connection:
        before = connection.execute(SESSIONS).fetchone()
        assert come_back(browser, issuer, state, **identity) == (401, False)
        assert connection.execute(SESSIONS).fetchone() == before
    assert come_back(browser, issuer, state, nonce=nonce) == (303, True)  # that alone was wrong


def test_the_nonce_of_another_sign_in_of_the_same_person_is_another(browser, issuer):
    _, first = departed(browser)
    state, second = departed(browser)
    assert first != second
    assert come_back(browser, issuer, state, nonce=first) == (401, False)
    assert come_back(browser, issuer, state, nonce=second) == (303, True)
