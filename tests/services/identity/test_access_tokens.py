"""Machines with an access token of a provider: one good, the others each wrong in one way, all refused alike."""

import base64
import hmac
import json
import logging
from dataclasses import replace

import httpx
import pytest
from joserfc.jwk import RSAKey

from catalog.database import connect
from catalog.identities import add_identity, remove_identity
from catalog.settings import Oidc
from services import jwks
from tests.services.conftest import serving
from tests.services.identity.issuer import AUDIENCE, issuing

ITEMS = "/collections/parcelles/items"
ROUTES = ["/", "/collections", ITEMS, "/jobs", "/connexion", "/nulle-part", "/openapi"]


def asked(url, token, path=ITEMS):
    return httpx.get(url + path, headers={"Authorization": f"Bearer {token}"})


def spliced(token, **header):
    """A token whose header says something else than what was signed."""
    _, payload, signature = token.split(".")
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{payload}.{signature}"


def confused(issuer):
    """A token signed with the public key, as if it were a shared secret."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"un"}').decode().rstrip("=")
    signed = f"{head}.{issuer.token().split('.')[1]}"
    mac = hmac.digest(issuer.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def resigned(issuer, **header):
    """A token of a key that nobody published, which it names or brings along."""
    thief = RSAKey.generate_key(2048, {"kid": "voleur"})
    return issuer.token({"kid": "voleur"} | header | {"jwk": thief.as_dict(private=False)}, thief)


HOSTILE = {
    "no signature": lambda i: spliced(i.token(), alg="none", kid="un").rpartition(".")[0] + ".",
    "signature of nothing": lambda i: spliced(i.token(), alg="none", kid="un"),
    "public key as secret": confused,
    "another algorithm": lambda i: spliced(i.token(), alg="PS256", kid="un"),
    "another issuer": lambda i: i.token(iss="https://ailleurs.exemple.fr"),
    "the issuer and more": lambda i: i.token(iss=i.url + "/"),
    "another audience": lambda i: i.token(aud="autre"),
    "other audiences": lambda i: i.token(aud=["autre", AUDIENCE + "/"]),
    "meant for the browser": lambda i: i.token(aud="geosocle"),
    "expired": lambda i: i.token(exp=1_700_000_000),
    "not yet": lambda i: i.token(nbf=4_000_000_000),
    "issued tomorrow": lambda i: i.token(iat=4_000_000_000),
    "expires in words": lambda i: i.token(exp="demain"),
    "unknown key": lambda i: i.token({"kid": "deux"}),
    "no key": lambda i: spliced(i.token(), alg="RS256"),
    "key by path": lambda i: i.token({"kid": "../../../../dev/null"}),
    "key by address": lambda i: i.token({"kid": f"{i.url}/jwks"}),
    "key by number": lambda i: spliced(i.token(), alg="RS256", kid=1),
    "key from elsewhere": lambda i: i.token({"jku": f"{i.url}/voleur"}),
    "its own key": resigned,
    "key of a thief": lambda i: i.token(key=RSAKey.generate_key(2048)),
    "critical": lambda i: spliced(i.token(), alg="RS256", kid="un", crit=["exp"]),
    "an identity of something else": lambda i: i.token({"typ": "logout+jwt"}),
    **{f"without {name}": lambda i, name=name: i.token(**{name: None}) for name in ("iss", "aud", "exp", "iat", "sub")},
    "somebody unknown": lambda i: i.token(sub="inconnu"),
    "header of nothing": lambda i: "e30." + i.token().partition(".")[2],
    "header of a list": lambda i: "W10." + i.token().partition(".")[2],
    "cut": lambda i: i.token()[:-5],
    "too long": lambda i: i.token(x="x" * 9000),
}


def test_a_good_token_sees_what_its_organisation_sees_and_nothing_else(url, issuer):
    token = issuer.token(aud=["autre", AUDIENCE])
    page = asked(url, token, f"{ITEMS}?limit=1000").json()
    assert {each["properties"]["commune"] for each in page["features"]} == {"85901"}
    assert asked(url, token, f"{ITEMS}/859020000A0001").status_code == 404


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_hostile_token_is_refused_as_an_unknown_one_is(url, issuer, fault):
    token = HOSTILE[fault](issuer)
    for path in ROUTES:
        answer, unknown = asked(url, token, path), asked(url, "geosocle_inconnu", path)
        assert answer.status_code == 401
        assert answer.content == unknown.content
        varying = ("date",)
        assert [h for h in answer.headers.items() if h[0] not in varying] == [
            h for h in unknown.headers.items() if h[0] not in varying
        ]
    assert "/voleur" not in issuer.asked


def test_a_token_costs_one_write_whatever_it_asks(url, own, issuer):
    token = issuer.token(jti="une fois")
    with connect(own, "admin") as connection:
        before = connection.execute("SELECT count(*) FROM access.sessions").fetchone()[0]
        for _ in range(5):
            assert asked(url, token).status_code == 200
        opened = "SELECT count(*), max(xmin::text::bigint) FROM access.sessions"
        after, written = connection.execute(opened).fetchone()
        assert after == before + 1
        assert asked(url, token).status_code == 200
        assert connection.execute(opened).fetchone() == (after, written)


def test_removing_the_identity_closes_the_next_request(url, own, issuer):
    with connect(own, "admin") as connection:
        id = add_identity(connection, "commune-b", issuer.url, {"sub": "second"})
        token = issuer.token(sub="second")
        assert asked(url, token).status_code == 200
        remove_identity(connection, id)
        assert asked(url, token).status_code == 401


def test_a_key_that_was_renewed_is_found_but_not_asked_for_at_every_token(url, issuer, monkeypatch):
    old, before = issuer.key, len(issuer.asked)
    for number in range(5):
        assert asked(url, issuer.token({"kid": f"inconnu-{number}"})).status_code == 401
    assert len(issuer.asked) - before <= 2
    monkeypatch.setattr(jwks, "AGAIN", 0.0)
    issuer.key = RSAKey.generate_key(2048, {"kid": "deux"})
    try:
        assert asked(url, issuer.token({"kid": "deux"})).status_code == 200
        assert asked(url, issuer.token({"kid": "un"}, old, jti="de l'ancienne")).status_code == 401
    finally:
        issuer.key = old
        asked(url, issuer.token(jti="pour relire la première"))


@pytest.mark.parametrize("elsewhere", ["{other}/jwks", "{own}@{host}/jwks", "file:///etc/passwd", None])
def test_keys_are_asked_for_over_tls_or_of_the_issuer_itself(issuer, monkeypatch, elsewhere):
    with issuing() as other:
        host = other.url.removeprefix("http://")
        named = (
            elsewhere.format(other=other.url, own=issuer.url, host=host) if isinstance(elsewhere, str) else elsewhere
        )
        told = issuer.configuration | {"jwks_uri": named}
        monkeypatch.setattr(type(issuer), "configuration", told)
        with pytest.raises(jwks.ProviderUnavailable):
            jwks.Published(Oidc(issuer.url, "geosocle", "secret", "audience", "openid")).key("un")
        assert other.asked == []


def test_without_a_provider_no_such_token_is_one(served, issuer):
    assert asked(served.url, issuer.token()).status_code == 401
    for path in ("/connexion/compte", "/connexion/retour?code=a&state=b"):
        assert served.get(None, path).status_code == 404


def test_bad_credentials_are_counted_and_lock_out_nobody_else(own, issuer, caplog):
    caplog.set_level(logging.WARNING)
    with serving(replace(own, login_failures=5)) as url:
        good = issuer.token(jti="bon")
        assert asked(url, good).status_code == 200
        same = [asked(url, "geosocle_toujours_le_meme").status_code for _ in range(8)]
        assert same == [401] * 5 + [429] * 3
        assert asked(url, "geosocle_autre").status_code == 401
        for number in range(5):
            asked(url, f"geosocle_{number}")
        late = asked(url, issuer.token(jti="trop tard"))
        assert (late.status_code, late.headers["retry-after"]) == (429, "60")
        assert asked(url, good).status_code == 200
        assert httpx.get(f"{url}/collections").status_code == 200
    assert "127.0.0.1" in caplog.text
    assert not any(secret in caplog.text for secret in ("geosocle_", good))
