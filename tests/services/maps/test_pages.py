"""Pages: in French, of what the caller may see, from no server but ours, with nothing that runs but our scripts."""

import json
import re
from html.parser import HTMLParser

import pytest

from services.pages import count, moment, result, value

PUBLIC = ("/", "/collections", "/collections/communes", "/collections/communes/items", "/collections/communes/schema",
          "/collections/communes/queryables", "/conformance", "/openapi", "/TileMatrixSets",
          "/TileMatrixSets/WebMercatorQuad", "/inconnu")  # fmt: skip
MEMBERS = ("/", "/collections", "/collections/parcelles", "/collections/parcelles/items?limit=5",
           "/collections/parcelles/schema", "/collections/parcelles/queryables", "/collections/parcelles/tiles",
           "/collections/parcelles/tiles/WebMercatorQuad", "/collections/orthophotos", "/processes",
           "/collections/orthophotos/items", "/collections/canalisations_eau/items", "/openapi",
           "/processes/export", "/processes/plan-cadastral", "/jobs")  # fmt: skip
EMPTY = {"meta", "link", "img", "input", "br", "hr"}


class Page(HTMLParser):
    """A page's elements, and whether each is closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.texts, self.text = [], [], {}, text
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data.strip())

    def all(self, tag):
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def pages_of(site):
    """Every page that is tried, with who asks."""
    item = site.get("/collections/parcelles/items?limit=1", "ici").json()["features"][0]["id"]
    paths = [(path, None) for path in PUBLIC] + [
        (path, "ici") for path in (*MEMBERS, f"/collections/parcelles/items/{item}")
    ]
    return {(path, who): site.page(path, who) for path, who in paths}


@pytest.fixture(scope="module")
def pages(site):
    """Every page, parsed."""
    return {key: Page(answer.text) for key, answer in pages_of(site).items()}


def test_every_address_has_its_page(site):
    for (path, who), answer in pages_of(site).items():
        assert answer.headers["content-type"].startswith("text/html"), path
        assert answer.status_code == (404 if path == "/inconnu" else 200), (path, who)


def test_pages_are_whole_and_in_french(pages):
    for key, page in pages.items():
        assert page.open == [], key
        assert page.all("html") == [{"lang": "fr"}], key
        assert len(page.texts["h1"]) >= 1, key
        assert page.texts["title"][0].endswith("— Géosocle"), key


def test_no_page_leads_to_another_server(pages):
    for key, page in pages.items():
        for tag, attributes in page.elements:
            for name in ("src", "href", "action", "data", "poster"):
                address = attributes.get(name) or "/"
                assert address.startswith(("/", "#")) and not address.startswith("//"), (key, tag, address)


def test_no_page_holds_a_script_or_a_style_of_its_own(pages):
    for key, page in pages.items():
        assert not page.all("style"), key
        for script in page.all("script"):
            assert script.get("src") or script.get("type") == "application/json", key
        for tag, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (key, tag)


def test_pages_can_be_read_without_eyes_and_without_a_mouse(pages):
    for key, page in pages.items():
        assert page.all("a")[0] == {"class": "evitement", "href": "#contenu"}, key
        assert [main["id"] for main in page.all("main")] == ["contenu"], key
        assert all("alt" in image for image in page.all("img")), key
        assert all("scope" in head for head in page.all("th")), key
        assert len(page.all("caption")) == len(page.all("table")), key
        labelled = {label["for"] for label in page.all("label")}
        assert {field["id"] for field in page.all("input") + page.all("select")} <= labelled, key
        assert all(nav.get("aria-label") for nav in page.all("nav")), key


def test_links_of_pages_lead_to_something_that_exists(site, pages):
    seen = set()
    for (path, who), page in pages.items():
        for link in page.all("a"):
            address = link["href"].partition("#")[0]
            if address and (address, who) not in seen and address != "/connexion":
                seen.add((address, who))
                assert site.page(address, who).status_code == 200, (path, address, who)


def test_static_files_of_pages_are_served(site, pages):
    files = {a for page in pages.values() for tag in ("script", "link", "img") for a in sources(page, tag)}
    assert len(files) >= 5
    for file in files:
        if "leaflet" not in file:
            assert site.get(file).status_code == 200, file


def sources(page, tag):
    """The files that elements of a kind load."""
    return [each[name] for each in page.all(tag) for name in ("src", "href") if name in each]


def test_the_policy_of_pages_lets_nothing_else_run(site):
    policy = site.page("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_menu_says_who_is_connected(site):
    assert "<strong>ici</strong>" in site.page("/", "ici").text
    assert "Se connecter" not in site.page("/", "ici").text
    assert 'href="/connexion"' in site.page("/").text


def test_the_home_page_lists_the_callers_datasets_and_no_other(site):
    assert "/collections/parcelles" in site.page("/", "ici").text
    assert "/collections/parcelles" not in site.page("/").text
    assert "canalisations" not in site.page("/", "regarde").text


def test_who_only_looks_is_offered_no_list_and_no_file(site):
    text = site.page("/collections/orthophotos", "regarde").text
    assert "/items" not in text
    assert "export" not in text
    assert "/map/tiles/WebMercatorQuad" in text


def test_the_search_of_a_parcel_finds_it(site):
    known = site.get("/collections/parcelles/items?limit=1", "ici").json()["features"][0]
    section, number = (known["properties"][name] for name in ("section", "numero"))
    page = site.page(f"/collections/parcelles/items?section={section}&numero={number}", "ici")
    assert f'href="/collections/parcelles/items/{known["id"]}"' in page.text
    assert (
        known["id"] not in site.page(f"/collections/parcelles/items?section={section}&numero={number}", "voisine").text
    )


def test_the_plan_is_offered_where_the_caller_may_look(site):
    known = site.get("/collections/parcelles/items?limit=1", "ici").json()["features"][0]["id"]
    assert (
        f'href="/collections/parcelles/items/{known}/plan.pdf"'
        in site.page(f"/collections/parcelles/items/{known}", "ici").text
    )


def test_the_map_of_a_list_holds_what_the_table_holds(site):
    text = site.page("/collections/parcelles/items?limit=7", "ici").text
    content = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    ids = [feature["id"] for feature in content["drawn"]["features"]]
    assert len(ids) == 7
    assert all(f'href="/collections/parcelles/items/{id}"' in text for id in ids)
    assert [image["tiles"] for image in content["images"]] == [
        "/collections/orthophotos/map/tiles/WebMercatorQuad/{z}/{y}/{x}"
    ]


def test_coordinates_that_are_no_degrees_are_not_put_on_a_map(site):
    crs = "http://www.opengis.net/def/crs/EPSG/0/2154"
    assert 'id="carte"' not in site.page(f"/collections/parcelles/items?limit=2&crs={crs}", "ici").text


def test_a_hidden_parcel_and_an_unknown_one_have_the_same_page(site):
    theirs = site.get("/collections/parcelles/items?limit=1", "voisine").json()["features"][0]["id"]
    hidden = site.page(f"/collections/parcelles/items/{theirs}", "ici")
    unknown = site.page("/collections/parcelles/items/850000000A9999", "ici")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content


def test_the_way_in_asks_for_the_token_and_then_leads_home(site):
    refused = site.page("/connexion")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    assert site.page("/connexion", "ici").status_code == 303


def test_markup_in_a_name_is_written_as_text(site, markup):
    page = site.page("/collections/lieux_dits/items?limit=1", "ici").text
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page
    assert "alert(1)</script>" not in page
    content = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)[1]
    assert json.loads(content)["drawn"]["features"][0]["properties"]["name"] == markup


@pytest.mark.parametrize(
    ("what", "written"),
    [
        (None, "—"), ("", "—"), (True, "oui"), (False, "non"), (0, "0"), (1987, "1987"), (18689, "18\u202f689"),
        (0.2, "0,2"), ("0012", "0012"), ("2026-07-01", "01/07/2026"), ("20260701", "20260701"),
        ("2026-07-01T00:00", "2026-07-01T00:00"),
    ],
)  # fmt: skip
def test_values_are_written_as_a_french_reader_expects_them(what, written):
    assert value(what) == written


def test_large_numbers_have_narrow_spaces():
    assert count(1234567) == "1\u202f234\u202f567"


def test_a_search_keeps_what_was_typed_and_leads_to_the_plan_of_what_it_found(site):
    known = site.get("/collections/parcelles/items?limit=1", "ici").json()["features"][0]
    section, number = (known["properties"][name] for name in ("section", "numero"))
    page = Page(site.page(f"/collections/parcelles/items?section={section}&numero={number}", "ici").text)
    typed = {field["id"]: field["value"] for field in page.all("input")}
    assert typed == {"parcelle": f"{section} {number}", "commune": ""}
    plans = [link for link in page.all("a") if link["href"].endswith("/plan.pdf")]
    assert [link["href"] for link in plans] == [f"/collections/parcelles/items/{known['id']}/plan.pdf"]
    assert plans[0]["aria-label"] == f"Plan (PDF) de {known['id']}"


def test_a_search_that_finds_nothing_says_what_to_look_at_again(site):
    text = site.page("/collections/parcelles/items?section=ZZ&numero=%3Cb%3E", "ici").text
    assert "Aucune parcelle ZZ &lt;b&gt; parmi celles que vous pouvez voir : vérifiez" in text
    assert "plan.pdf" not in text


def test_who_follows_a_link_without_being_connected_is_offered_to_connect(site):
    missing = "/collections/parcelles/items/850000000A9999"
    assert 'Pas encore connecté ? <a href="/connexion">Se connecter</a>' in site.page(missing).text
    assert "ou votre convention ne la donne pas" in site.page(missing, "ici").text


def test_a_job_is_told_in_the_time_of_paris_and_by_its_file():
    links = [{"rel": "self", "title": "Ce traitement"}, {"rel": "…/results", "title": "Le résultat : eau.gpkg"}]
    assert result({"links": links}) == "eau.gpkg"
    assert result({"links": links[:1]}) == ""
    assert (moment("2026-07-01T22:19:24Z"), moment(None)) == ("02/07/2026 à 00:19", "—")
