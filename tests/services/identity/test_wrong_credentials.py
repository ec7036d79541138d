"""A credential that is wrong, however it is: the same answer at every address, for the same work."""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from catalog.access import issue_token, revoke_token, token_key
from catalog.database import connect, pool
from catalog.errors import UnknownToken
from catalog.identities import close_session, open_session
from services.app import create_app
from services.callers import Callers
from tests.steps import recorded

PLACES = {
    "dataset": "parcelles",
    "feature:path": "859010000A0001",
    "parcel": "859010000A0001",
    "grid": "WebMercatorQuad",
    "z": "0",
    "row": "0",
    "column": "0",
    "process": "export",
    "job": "00000000-0000-0000-0000-000000000000",
    "path:path": "nulle/part",
}
SCANS = """
SELECT relname, seq_scan, idx_scan FROM pg_stat_xact_user_tables
WHERE schemaname IN ('access', 'jobs') AND seq_scan + coalesce(idx_scan, 0) > 0 ORDER BY 1
"""


@pytest.fixture(scope="module")
def cards(own, issuer):
    """Credentials by what is wrong with them, and a good one: headers of a request, each with its key."""
    with connect(own, "admin") as admin, pool(own, "web") as web:
        revoked, expired, good = (issue_token(admin, "commune-a") for _ in range(3))
        revoke_token(admin, revoked)
        admin.execute("UPDATE access.tokens SET expires = now() WHERE sha256 = %s", [token_key(expired)])
        closed, over = "c" * 43, "o" * 43
        tomorrow = datetime.now(UTC) + timedelta(hours=1)
        for cookie in (closed, over):
            assert open_session(web, token_key(cookie), issuer.url, {"sub": "robot"}, tomorrow)
        close_session(web, token_key(closed))
        admin.execute("UPDATE access.sessions SET expires = now() WHERE sha256 = %s", [token_key(over)])
    unknown = good[:-3] + "xyz"
    return {
        "good": bearer(good),
        "unknown": bearer(unknown),
        "revoked": bearer(revoked),
        "expired": bearer(expired),
        "unknown user": basic("personne", unknown),
        "known user, wrong secret": basic("commune-a", unknown),
        "known user, revoked secret": basic("commune-a", revoked),
        "unknown cookie": {"Cookie": "geosocle=" + "u" * 43},
        "closed session": {"Cookie": "geosocle=" + closed},
        "session that is over": {"Cookie": "geosocle=" + over},
        "good JWT": bearer(issuer.token(jti="bon")),
    } | {name: bearer(token) for name, token in wrong_tokens(issuer).items()}


def wrong_tokens(issuer):
    """Tokens of a provider, each wrong in one way; the last is right, of somebody who is nobody here."""
    return {
        "unknown key": issuer.token({"kid": "deux"}),
        "another issuer": issuer.token(iss="https://ailleurs.exemple.fr"),
        "another audience": issuer.token(aud="autre"),
        "expired JWT": issuer.token(exp=1_700_000_000),
        "key of a thief": issuer.token(key=RSAKey.generate_key(2048)),
        "somebody unknown": issuer.token(sub="inconnu"),
    }


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def basic(name, token):
    return {"Authorization": httpx.BasicAuth(name, token)._auth_header}


TOKENS = ("unknown", "revoked", "expired", "unknown user", "known user, wrong secret", "known user, revoked secret")
JWTS = (
    "unknown key", "another issuer", "another audience", "expired JWT", "key of a thief", "somebody unknown",
)  # fmt: skip
COOKIES = ("unknown cookie", "closed session", "session that is over")


def routes(own):
    """Every address of the application, with an example in each of its places."""
    app = create_app(own)
    with TestClient(app):  # which closes it
        found = [route.path for route in app.routes if isinstance(route, Route)]
    assert len(found) > 20
    for path in found:
        for name, value in PLACES.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path
        yield path


@pytest.mark.parametrize("kinds", [TOKENS, COOKIES, JWTS], ids=["tokens", "cookies", "JWT"])
def test_every_address_answers_a_wrong_credential_alike_whatever_is_wrong_and_whatever_it_is(own, url, cards, kinds):
    answers = set()
    with httpx.Client(base_url=url) as client:
        for path in routes(own):
            for method in ("GET", "POST", "DELETE"):
                for kind in kinds:
                    given = client.request(method, path, headers=cards[kind])
                    client.cookies.clear()
                    told = {name: value for name, value in given.headers.items() if name != "date"}
                    answers.add((given.status_code, given.content, tuple(sorted(told.items()))))
    assert len(answers) == 1
    assert answers.pop()[0] == 401


def work(callers, headers):
    """What it takes to find out who asks: how many hashes and signatures, and which statements are sent."""
    done = Counter()

    def count(frame, event, function):
        if event == "c_call" and "sha256" in function.__name__:
            done["sha256"] += 1
        elif event == "call" and frame.f_code.co_qualname == "Connection.execute":
            done[frame.f_locals["query"]] += 1
        elif event == "call" and frame.f_code.co_qualname.endswith("AlgModel.verify"):
            done["signature"] += 1

    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": sent, "client": ("192.0.2.1", 1)})
    sys.setprofile(count)
    try:
        callers.of(request)
    except UnknownToken:
        done["refused"] += 1
    finally:
        sys.setprofile(None)
    return done


@pytest.mark.parametrize("kinds", [TOKENS, COOKIES], ids=["tokens", "cookies"])
def test_each_wrong_credential_costs_the_same_hashes_and_statements(own, cards, kinds):
    with pool(own, "web") as connections:
        callers = Callers(own, connections)
        found = [work(callers, cards[kind]) for kind in kinds]
        assert found == [found[0]] * len(kinds)
        assert found[0]["refused"] == 1 and found[0]["sha256"] >= 2 and len(found[0]) == 3
        assert work(callers, cards["good"])["refused"] == 0


def test_each_wrong_jwt_costs_the_same_signatures_statements_and_steps(cluster, own, issuer, cards):
    with recorded(cluster, own) as (told, recorder), pool(told, "web") as connections:
        callers = Callers(told, connections)
        assert work(callers, cards["good JWT"])["signature"] == 1
        before = len(issuer.asked)
        found = [recorder.of(lambda kind=kind: work(callers, cards[kind])) for kind in JWTS]
        assert found == [found[0]] * len(JWTS)
        done, steps = found[0]
        assert done["refused"] == done["signature"] == 1 and len(done) == 5 and len(steps) > 10
        assert len(issuer.asked) == before  # nor are its keys asked for again


def scans(own, key):
    """How often each table of rights is looked into to resolve a key."""
    with connect(own, "admin") as connection, connection.transaction(force_rollback=True):
        row = connection.execute("SELECT organisation FROM access.authenticate(%s)", [key]).fetchone()
        return row, connection.execute(SCANS).fetchall()


def test_the_database_looks_into_the_same_tables_as_often_whatever_is_wrong(own, cards):
    keys = {kind: token_key(secret(cards[kind])) for kind in ("good", "unknown", "revoked", "expired", *COOKIES)}
    found = {kind: scans(own, key) for kind, key in keys.items()}
    row, looks = found.pop("good")
    assert row == ("commune-a",)
    wrong = list(found.values())
    assert wrong == [wrong[0]] * len(wrong)
    assert wrong[0][0] is None and len(wrong[0][1]) >= 3 and wrong[0][1] != looks


def secret(headers):
    """The token or cookie that headers hold."""
    return headers.get("Cookie", "").partition("=")[2] or headers["Authorization"].partition(" ")[2]
