"""Documents: each caller is told of what is its own, and of what is served."""

import json
import re

import pytest

from catalog.themes import THEMES
from hunter.things import DETAILS
from tests.services.conftest import link

PLAN = ("batiments", "communes", "feuilles", "lieux_dits", "parcelles", "sections", "subdivisions_fiscales")
CADASTRE = sorted((*PLAN, *DETAILS))
LISTS = {
    None: ["communes", "sections"],
    "commune-a": CADASTRE,
    "eaux": ["canalisations_eau", "communes", "sections"],
    "regard": ["communes", "parcelles", "sections"],
    "vide": ["communes", "sections"],
    "departement": sorted([*CADASTRE, "canalisations_eau", "orthophotos"]),
}


@pytest.mark.parametrize("organisation", LISTS, ids=str)
def test_a_caller_is_told_of_its_collections_and_of_no_others(served, organisation):
    document = served.get(organisation, "/collections").json()
    assert [each["id"] for each in document["collections"]] == LISTS[organisation]
    assert "canalisations" not in json.dumps(document) or "canalisations_eau" in LISTS[organisation]


@pytest.mark.parametrize("organisation", LISTS, ids=str)
def test_openapi_names_no_collection_or_property_of_others(served, organisation):
    document = served.get(organisation, "/openapi").json()
    named = {path.split("/")[2] for path in document["paths"] if path.startswith("/collections/")}
    assert named == set(LISTS[organisation])
    text = json.dumps(document)
    assert ("materiau" in text) == (organisation == "eaux")
    assert ("arpente" in text) == (organisation in ("commune-a", "departement"))


def test_openapi_is_made_again_for_another_profile_and_pages_too(served):
    for form in ("json", "html"):
        pages = [served.get(who, "/collections", f=form).text for who in ("departement", None, "departement", None)]
        assert "parcelles" in pages[0]
        assert "parcelles" not in pages[1]
        assert (pages[0], pages[1]) == (pages[2], pages[3])


def test_queryables_and_schema_are_those_of_the_caller(served):
    for page in ("queryables", "schema"):
        mine, theirs = (
            set(served.get(who, f"/collections/canalisations_eau/{page}").json()["properties"])
            for who in ("eaux", "departement")
        )
        assert mine - theirs == {"materiau", "diametre_equivalent", "an_pose"}
        assert theirs < mine


def test_extent_and_count_are_of_what_the_caller_sees(served):
    mine, whole = (served.get(who, "/collections/parcelles").json() for who in ("commune-a", "departement"))
    assert mine["itemCount"] == 205 < whole["itemCount"]
    (small,), (large,) = (each["extent"]["spatial"]["bbox"] for each in (mine, whole))
    assert large[0] <= small[0] < small[2] <= large[2]
    assert small != large


def test_every_link_of_every_document_leads_somewhere(served):
    with served.client("departement") as client:
        todo, seen = ["/", "/collections"], set()
        while todo:
            path = todo.pop()
            if path in seen or "{" in path or path.endswith("/execution"):
                continue
            seen.add(path)
            response = client.get(path)
            assert response.status_code == 200, (path, response.text[:200])
            if "json" in response.headers["content-type"] and "/items" not in path and "/openapi" not in path:
                todo.extend(each.removeprefix(served.url) or "/" for each in hrefs(response.json()))
    assert len(seen) > 60


def hrefs(node: object) -> list[str]:
    """Every address in a document."""
    if isinstance(node, list):
        return [each for item in node for each in hrefs(item)]
    if isinstance(node, dict):
        own = [node["href"]] if "href" in node else []
        return own + [each for value in node.values() for each in hrefs(value)]
    return []


def test_conformance_names_no_class_that_writes(served):
    classes = served.get("commune-a", "/conformance").json()["conformsTo"]
    assert not [each for each in classes if "create-replace-delete" in each]
    for part in (
        "features-1/1.0/conf/core",
        "features-2/1.0/conf/crs",
        "features-3/1.0/conf/filter",
        "cql2/1.0/conf/cql2-text",
    ):
        assert [each for each in classes if part in each]


def test_the_landing_page_leads_to_what_qgis_asks_for(served):
    links = served.get("commune-a", "/").json()["links"]
    for relation in ("service-desc", "conformance", "data"):
        assert link(links, relation)


def test_values_with_signs_of_markup_come_as_they_are(served):
    page = served.get("commune-a", "/collections/lieux_dits/items", limit=1000)
    assert "&lt;" not in page.text
    assert "&amp;" not in page.text


DOCUMENTS = [
    "/", "/collections", "/collections/parcelles", "/collections/parcelles/tiles", "/TileMatrixSets",
    "/collections/parcelles/tiles/WebMercatorQuad", "/TileMatrixSets/WebMercatorQuad",
]  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_titles_of_links_are_french(served, path):
    titles = [each.get("title", "") for each in every_link(served.get("departement", path).json())]
    assert titles or path == "/TileMatrixSets/WebMercatorQuad"
    assert not [each for each in titles if {"this", "the", "as", "in", "Collections"} & set(each.lower().split())]


def every_link(node: object) -> list[dict]:
    """Every link in a document."""
    if isinstance(node, list):
        return [each for item in node for each in every_link(item)]
    if isinstance(node, dict):
        return ([node] if "href" in node else []) + [each for value in node.values() for each in every_link(value)]
    return []


def test_links_that_differ_in_their_format_alone_say_it(served):
    links = served.get("commune-a", "/collections/parcelles").json()["links"]
    titles = {(each["rel"].rpartition("/")[2], each["type"]): each["title"] for each in links}
    assert titles["items", "application/geo+json"] == "Les objets en GeoJSON"
    assert titles["items", "text/html"] == "Les objets en HTML"
    assert titles["self", "application/json"] == "Représentation en JSON"


@pytest.mark.parametrize(("dataset", "kind"), [("parcelles", "multipolygon"), ("canalisations_eau", "multilinestring")])
def test_queryables_and_schema_tell_the_geometry_and_label_properties(served, dataset, kind):
    for page in ("queryables", "schema"):
        properties = served.get("departement", f"/collections/{dataset}/{page}").json()["properties"]
        assert properties["geometry"]["format"] == f"geometry-{kind}"
        assert properties["geometry"]["x-ogc-role"] == "primary-geometry"
        assert properties["commune"] == {"title": "Commune (INSEE)", "type": "string"}
        assert all(each["title"] for each in properties.values())


def test_the_schema_has_the_identifier_which_is_no_queryable(served):
    schema, queryables = (
        served.get(None, f"/collections/sections/{page}").json()["properties"] for page in ("schema", "queryables")
    )
    assert schema["id"]["x-ogc-role"] == "id"
    assert set(schema) - set(queryables) == {"id"}
    assert served.get(None, "/collections/sections/items", properties="id").status_code == 400


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("S_INTERSECTS(geometry,GEOMETRYCOLLECTION(POINT(1 46),POINT(2 46)))", "spatial-functions"),
        ("T_CONTAINS(creation,INTERVAL('2020-01-01','2021-01-01'))", "temporal-functions"),
    ],
)
def test_a_class_of_which_a_part_is_refused_is_not_declared(served, text, name):
    classes = served.get("departement", "/conformance").json()["conformsTo"]
    refused = served.get("departement", "/collections/parcelles/items", filter=text).status_code == 400
    assert refused == (f"http://www.opengis.net/spec/cql2/1.0/conf/{name}" not in classes)


def test_the_page_of_conformance_declares_what_the_document_does(served):
    classes = served.get(None, "/conformance", f="json").json()["conformsTo"]
    page = served.get(None, "/conformance", f="html").text
    assert re.findall(r"<li><code>(.*?)</code></li>", page) == classes


THEMED = {
    None: ["limites"],
    "commune-a": ["parcelles", "limites", "adresses", "details"],
    "eaux": ["limites", "reseaux"],
    "regard": ["parcelles", "limites"],
}


@pytest.mark.parametrize("path", ["/", "/collections"])
@pytest.mark.parametrize("organisation", THEMED, ids=str)
def test_a_page_has_the_themes_of_its_callers_datasets_and_tells_of_no_others(served, organisation, path):
    page = served.get(organisation, path, f="html").text
    assert re.findall(r'class="theme" id="theme-(\w+)"', page) == THEMED[organisation]
    told = {theme for theme, title in THEMES.items() if title in page}
    assert told == set(THEMED[organisation])
    links = re.findall(r'href="#theme-(\w+)"', page)
    assert links == (THEMED[organisation] if len(THEMED[organisation]) > 1 else [])
    headings = re.findall(r'<h[34]><a href="/collections/(\w+)">', page)
    assert set(headings) == set(LISTS[organisation])


def test_a_collection_has_its_theme_among_its_keywords(served):
    keywords = {each["id"]: each["keywords"] for each in served.get("eaux", "/collections").json()["collections"]}
    assert keywords["canalisations_eau"] == ["eau", "Réseaux"]
    assert "Réseaux" not in served.get("commune-a", "/collections").text
