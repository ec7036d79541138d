"""Pages in a real browser: the map draws, nothing leaves our host, the policy is never broken, markup never runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.static_files import LEAFLET
from tests.acceptance.browsing import CHROMIUM, launched, playwright
from tests.accessibility import faults, reach

QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
         "--disable-component-update"]  # fmt: skip

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium n'est pas installé"),
    pytest.mark.skipif(not Path(LEAFLET).is_dir(), reason="libjs-leaflet n'est pas installé"),
]


class Visit:
    """A browser in which somebody is connected, and all that it asked for or complained of."""

    def __init__(self, context, url):
        self.context, self.url, self.asked, self.complaints = context, url, [], []
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("response", lambda response: response.status >= 400 and self.complaints.append(response.url))
        context.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def page(self, path):
        """Open a page and wait until it has asked for everything."""
        page = self.context.new_page()
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.goto(self.url + path, wait_until="networkidle")
        return page

    def foreign(self):
        """What was asked of another host; the browser's own viewer of PDF is none."""
        own = (self.url, "data:", "blob:", "chrome:", "chrome-extension:")
        return [address for address in self.asked if not address.startswith(own)]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with launched(QUIET) as chromium:
        yield chromium


@pytest.fixture
def visit(browser, served, neighbours) -> Iterator[Visit]:
    """The first commune's browser, connected by the page that asks for a token."""
    context = browser.new_context(http_credentials={"username": "mairie", "password": served.tokens[neighbours[0]]})
    one = Visit(context, served.url)
    page = one.page("/connexion")
    assert page.url == f"{served.url}/"
    one.complaints.clear()  # a challenge is a 401
    yield one
    context.close()


def opaque_images(page):
    """How many tiles of the map show something."""
    return page.evaluate(
        """() => [...document.querySelectorAll('#carte .leaflet-tile-loaded')].filter(tile => {
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 64;
            const brush = canvas.getContext('2d');
            brush.drawImage(tile, 0, 0, 64, 64);
            return brush.getImageData(0, 0, 64, 64).data.some((value, i) => i % 4 == 3 && value > 0);
        }).length"""
    )


def test_the_map_of_a_dataset_draws_the_callers_objects_over_its_images(visit):
    page = visit.page("/collections/parcelles")
    page.wait_for_function("document.querySelectorAll('#carte path').length > 20")
    assert "objets dans la vue" in page.inner_text("#carte-etat")
    assert opaque_images(page) > 0
    assert visit.foreign() == []
    assert visit.complaints == []


def test_a_list_draws_as_many_objects_as_it_has_rows(visit):
    page = visit.page("/collections/parcelles/items?limit=12")
    page.wait_for_function("document.getElementById('carte').dataset.pret === 'oui'")
    assert page.locator("#carte path").count() == page.locator("tbody tr").count() == 12
    assert visit.foreign() == []
    assert visit.complaints == []


def test_the_list_of_anomalies_and_its_map_show_each_other_with_the_keyboard_too(visit):
    page = visit.page("/collections/anomalies/items")
    rows = page.locator("tbody tr").count()
    assert page.locator("#carte path").count() == rows > 1
    assert page.inner_text(".legende").split() == ["Mineure"]
    page.get_by_role("button", name="Situer").nth(1).focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup-content")
    assert "Anomalie mineure" in popup.inner_text()
    assert page.locator("tr.choisi td").nth(1).inner_text().split(" : ")[0] in popup.inner_text()
    page.locator("#carte path[role=button]").first.focus()
    page.keyboard.press("Enter")
    playwright.expect(page.locator("tr.choisi")).to_have_count(1)
    playwright.expect(page.locator(".leaflet-popup")).to_have_count(1)  # the other has faded away
    page.get_by_role("link", name="Voir l'anomalie").click()
    assert page.inner_text("h1")
    assert visit.foreign() == []
    assert visit.complaints == []


def test_a_parcel_is_found_from_the_home_page_with_the_keyboard_alone(visit):
    page = visit.page("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "evitement"
    page.focus("#parcelle")
    page.keyboard.type("a 1")
    with page.expect_response("**/items/*/plan.pdf") as plan:
        page.keyboard.press("Enter")
    assert (plan.value.status, plan.value.url.split("/")[-2]) == (200, "859010000A0001")
    page = visit.page("/")
    page.focus("#parcelle")
    page.keyboard.type("0A0001")
    for _ in range(3):
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.inner_text("h1") == "Parcelle 0A 0001"
    assert page.get_by_role("link", name="Plan cadastral (PDF)").is_visible()
    assert visit.foreign() == []


@pytest.mark.parametrize(("written", "told"), [("1234", "par exemple A 12"), ("ZZ 9999", "Aucune parcelle de ce nom")])
def test_what_leads_to_no_parcel_says_what_to_do_on_a_page_without_a_hurdle_for_a_phone_too(visit, written, told):
    page = visit.page("/")
    page.set_viewport_size({"width": 360, "height": 740})
    page.fill("#parcelle", written)
    with page.expect_navigation():
        page.get_by_role("button", name="Voir la fiche").click()
    assert told in page.get_by_role("alert").inner_text()
    assert page.input_value("#parcelle") == written
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(page) == []


def test_a_file_is_asked_for_by_a_form_which_leads_to_its_job(visit):
    page = visit.page("/processes/export#batiments")
    assert page.get_by_label("Jeu de données").input_value() == "batiments"
    page.get_by_role("button", name="Préparer le fichier").click()
    page.wait_for_url("**/jobs/*")
    assert page.inner_text("h1") == "Traitement : export"
    assert visit.complaints == []


def test_every_page_of_the_menu_keeps_to_the_policy_and_has_no_hurdle(visit):
    hurdles = {}
    for path in (
        "/",
        "/collections",
        "/collections/orthophotos",
        "/collections/parcelles",
        "/collections/parcelles/items?limit=5",
        "/conformance",
        "/openapi",
        "/collections/parcelles/tiles",
        "/jobs",
        "/processes/export",
    ):
        page = visit.page(path)
        hurdles[path] = faults(page)
        page.close()
    assert {path: found for path, found in hurdles.items() if found} == {}
    assert visit.foreign() == []
    assert visit.complaints == []


@pytest.mark.parametrize("path", ["/", "/processes/export", "/collections/parcelles", "/collections/parcelles/items"])
def test_a_page_is_no_wider_than_a_phone(visit, path):
    page = visit.page("/")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(visit.url + path, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.get_by_role("navigation", name="Menu principal").bounding_box()["height"] < 90
    assert faults(page) == []


def test_who_is_not_connected_is_shown_what_is_public_and_a_way_in(browser, served):
    context = browser.new_context()
    page = Visit(context, served.url).page("/")
    assert page.get_by_role("link", name="Se connecter").is_visible()
    assert page.locator(".fiches li").count() == 0 or "parcelles" not in page.content()
    context.close()


def test_whoever_gave_a_token_signs_out_and_the_browser_sends_it_no_more(browser, served, neighbours):
    context = browser.new_context()
    page, named = context.new_page(), f"mairie:{served.tokens[neighbours[0]]}@"
    page.goto(served.url.replace("://", f"://{named}") + "/connexion")
    page.goto(served.url)  # as a browser does by itself: with what it keeps
    assert page.locator(".qui").first.inner_text().startswith(f"Connecté : {neighbours[0]}")
    reach(page, "Se déconnecter")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.inner_text("h1") == "Vous êtes déconnecté"
    assert neighbours[0] not in page.inner_text("body")
    assert faults(page) == []
    page.get_by_role("link", name="Retour à l'accueil").click()
    playwright.expect(page.get_by_role("link", name="Se connecter")).to_be_visible()
    assert neighbours[0] not in page.inner_text("header")
    context.close()


def test_a_script_slipped_into_the_page_is_refused_by_the_policy(visit):
    page = visit.page("/")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'ran = 1'; document.body.append(s); }"
    )
    assert page.evaluate("window.ran") is None
