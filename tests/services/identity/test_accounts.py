"""People who sign in with an account of a real OpenID provider (Canaille), and all that must not let them in."""

import logging
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from catalog.access import token_key
from catalog.database import connect
from catalog.identities import add_identity, remove_identity
from tests.services.identity.conftest import HTML

PARCELS = "/collections/parcelles/items"
PAGE_OF_OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def closed_browsers(place):
    """Close each test's browsers."""
    yield
    while place.browsers:
        place.browsers.pop().close()


def test_somebody_signs_in_sees_her_commune_and_signs_out(place):
    browser = place.browser()
    assert "Se connecter avec mon compte" in browser.get("/connexion").text
    answer = browser.get(place.sent_back(browser))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{place.url}/")
    (cookie,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith("geosocle=")]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    page = browser.get("/")
    assert "commune-a" in page.text
    assert "Se déconnecter" in page.text
    assert {"Authorization", "Cookie"} <= {each.strip() for each in page.headers["vary"].split(",")}
    assert page.headers["cache-control"].startswith("private")
    found = browser.get(PARCELS, params={"f": "json", "limit": 1000}).json()["features"]
    assert {each["properties"]["commune"] for each in found} == {"85901"}
    assert browser.get(f"{PARCELS}/859020000A0001").status_code == 404
    held = dict(browser.cookies)["geosocle"]
    assert browser.post("/deconnexion", headers=PAGE_OF_OURS).status_code == 303
    assert "geosocle" not in browser.cookies
    assert httpx.get(place.url + PARCELS, cookies={"geosocle": held}).status_code == 401


def test_the_database_holds_no_cookie_but_its_hash(place):
    browser, _ = place.signed_in()
    held = browser.cookies["geosocle"]
    with connect(place.settings, "admin") as connection:
        rows = connection.execute("SELECT s::text FROM access.sessions s").fetchall()
    assert not any(held in row for (row,) in rows)
    assert any(token_key(held) in row for (row,) in rows)


def test_an_account_that_no_organisation_knows_is_told_whom_to_ask_and_gets_nothing(place):
    browser, answer = place.signed_in("mallory")
    assert answer.status_code == 401
    assert "rattaché à aucune organisation" in answer.text
    assert "geosocle" not in browser.cookies


def changed(address, **changes):
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return parts._replace(query=urlencode({name: value for name, value in query.items() if value is not None})).geturl()


@pytest.mark.parametrize(
    "changes", [{"state": "x"}, {"state": None}, {"code": "x"}, {"code": None}, {"iss": "https://ailleurs.exemple.fr"}]
)
def test_a_way_back_that_was_tampered_with_opens_nothing(place, changes):
    browser = place.browser()
    answer = browser.get(changed(place.sent_back(browser), **changes))
    assert answer.status_code == 401
    assert "geosocle" not in browser.cookies


def test_a_way_back_is_worth_nothing_in_another_browser_nor_twice(place):
    browser = place.browser()
    back = place.sent_back(browser)
    secret = browser.cookies["geosocle-connexion"]
    assert place.browser().get(back).status_code == 401  # no secret
    with place.browser() as other:
        other.get("/connexion/compte")
        assert other.get(back).status_code == 401  # another secret: state, nonce and verifier differ
    assert browser.get(back).status_code == 303
    replayed = httpx.get(back, cookies={"geosocle-connexion": secret}, headers=HTML)
    assert replayed.status_code == 401


def test_a_session_ends_with_its_identity_and_the_browser_is_told_once(place):
    with connect(place.settings, "admin") as connection:
        id = add_identity(connection, "commune-b", place.issuer, {"sub": "mallory"})
        browser, answer = place.signed_in("mallory")
        assert answer.status_code == 303
        remove_identity(connection, id)
    ended = browser.get("/collections")
    assert ended.status_code == 401
    assert "Basic" not in ended.headers["www-authenticate"]
    assert browser.get("/collections").status_code == 200  # as anybody
    assert "geosocle" not in browser.cookies


FORGED = ["x", "A" * 43, "geosocle_inconnu", "", "a.b.c"]


@pytest.mark.parametrize("path", ["/", PARCELS, "/jobs", "/nulle-part", "/connexion"])
def test_a_cookie_that_is_no_session_is_refused_at_every_address_alike(place, path):
    answers = [httpx.get(place.url + path, cookies={"geosocle": cookie}) for cookie in FORGED]
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://ailleurs.exemple.fr"},
     {"Origin": "null"}, {}],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("POST", "/deconnexion"), ("POST", "/processes/export/execution"),
                                              ("DELETE", "/jobs/00000000-0000-0000-0000-000000000000")])  # fmt: skip
def test_another_sites_page_changes_nothing_with_the_cookie(place, method, path, headers):
    browser, _ = place.signed_in()
    body = b'{"inputs": {"dataset": "parcelles"}}'
    answer = browser.request(method, path, headers=headers | {"Content-Type": "application/json"}, content=body)
    assert answer.status_code == 400
    assert "autre site" in answer.text
    assert browser.get(PARCELS).status_code == 200


@pytest.mark.parametrize("own", [PAGE_OF_OURS, "origin"])
def test_our_own_page_asks_for_a_file_with_the_cookie(place, own):
    browser, _ = place.signed_in()
    headers = {"Origin": place.url} if own == "origin" else own
    body = {"inputs": {"dataset": "parcelles"}}
    answer = browser.post("/processes/export/execution", json=body, headers=headers)
    assert answer.status_code == 201
    assert browser.get(answer.headers["location"]).status_code == 200


def test_credentials_are_in_no_log_and_no_answer(place, caplog):
    caplog.set_level(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # of this test's own client
    browser = place.browser()
    back = place.sent_back(browser)
    code, state = (parse_qs(urlsplit(back).query)[name][0] for name in ("code", "state"))
    answers = [browser.get(changed(back, state="x")), browser.get(back)]
    cookie = browser.cookies["geosocle"]
    answers += [browser.get(path) for path in ("/", PARCELS, f"{PARCELS}?limit=1&f=json", "/jobs", "/nulle-part")]
    token = "geosocle_" + "z" * 43
    answers.append(httpx.get(place.url + PARCELS, headers={"Authorization": f"Bearer {token}"}))
    for secret in (code, state, cookie, token, "secret-du-client"):
        assert secret not in caplog.text
        assert not any(secret in answer.text + answer.headers.get("location", "") for answer in answers)
    assert {answer.headers["referrer-policy"] for answer in answers} == {"strict-origin"}
