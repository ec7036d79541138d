"""Signing in and out in a real browser with the keyboard alone, on pages without a hurdle."""

import os
import shutil
from pathlib import Path

import pytest

from tests.accessibility import faults, reach

playwright = pytest.importorskip("playwright.sync_api", reason="playwright n'est pas installé")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PICTURES = os.environ.get("GEOSOCLE_TEST_PICTURES")  # a folder for whoever wants to look

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium n'est pas installé")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def looked_at(page, name):
    """The faults of a page, of which a picture is taken for whoever wants one."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
    return faults(page)


def enter(page):
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_somebody_signs_in_and_out_with_the_keyboard_alone(page, place):
    page.goto(place.url)
    assert looked_at(page, "accueil") == []
    reach(page, "Se connecter")
    enter(page)
    assert page.inner_text("h1") == "Se connecter"
    assert looked_at(page, "connexion") == []
    reach(page, "Se connecter avec mon compte")
    enter(page)
    for field, value in (("login", "alice"), ("password", "motdepasse")):  # the provider's own pages
        page.focus(f"input[name={field}]")
        page.keyboard.type(value)
        enter(page)
    page.wait_for_url(f"{place.url}/")
    assert page.get_by_text("commune-a", exact=True).is_visible()
    assert looked_at(page, "connecte") == []
    reach(page, "Se déconnecter")
    enter(page)
    page.wait_for_url(f"{place.url}/")
    assert page.get_by_role("link", name="Se connecter", exact=True).is_visible()
    assert not page.get_by_text("commune-a", exact=True).is_visible()


def test_a_token_given_where_accounts_are_too_is_sent_to_every_page(page, place):
    page.goto(f"{place.url}/connexion")
    way = page.get_by_role("link", name="Se connecter avec un jeton").get_attribute("href")
    page.goto(place.url.replace("://", f"://mairie:{place.token}@") + way)
    page.goto(place.url)  # with what the browser keeps by itself
    assert "commune-a" in page.inner_text("header")
    reach(page, "Se déconnecter")
    enter(page)
    assert page.inner_text("h1") == "Vous êtes déconnecté"
    page.goto(place.url)
    assert "commune-a" not in page.inner_text("header")


def test_whoever_no_organisation_knows_is_told_so_on_a_page_without_a_hurdle(page, place):
    page.goto(f"{place.url}/connexion/compte")
    for field, value in (("login", "mallory"), ("password", "motdepasse")):
        page.focus(f"input[name={field}]")
        page.keyboard.type(value)
        enter(page)
    assert "rattaché à aucune organisation" in page.inner_text("main")
    assert looked_at(page, "refus") == []
    reach(page, "Se connecter")


def test_a_session_that_has_ended_is_told_on_a_page_that_leads_back_in(page, place):
    page.context.add_cookies([{"name": "geosocle", "value": "x" * 43, "url": place.url}])
    page.goto(f"{place.url}/collections")
    assert "Votre session a pris fin" in page.inner_text("main")
    assert looked_at(page, "session") == []
    reach(page, "Se connecter")
    enter(page)
    assert page.inner_text("h1") == "Se connecter"


SPOILT = {
    "langue": "document.documentElement.lang = 'en'",
    "titre": "document.title = ''",
    "un seul h1": "document.querySelector('main').prepend(document.createElement('h1'), 'x')",
    "sans nom": "document.querySelector('.bouton').textContent = '\\u00a0'",
    "contraste": "document.querySelector('.chapeau').style.color = '#999'",
    "sans étiquette": "document.querySelector('main').append(document.createElement('input'))",
    "saut de titre": "document.querySelector('main').insertAdjacentHTML('beforeend', '<h4>x</h4>')",
    "id en double": "document.querySelector('main p').id = 'contenu'",
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_hurdle_put_into_a_page_is_found(page, place, fault):
    page.goto(f"{place.url}/connexion")
    page.evaluate(SPOILT[fault])
    assert any(found.startswith(fault) for found in faults(page)), faults(page)
