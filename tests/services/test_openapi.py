"""The OpenAPI document: whole, true, and without any other server."""

import json
import re

import pytest
from pygeoapi.openapi import validate_openapi_document
from starlette.routing import Route
from starlette.testclient import TestClient

from services.app import create_app
from tests.services.conftest import AGREEMENTS

CALLERS = [None, *(name for name in AGREEMENTS if name != "public")]
# What is not for programs: signing in with a browser, and whatever is nowhere.
SIGNING_IN = {"/connexion", "/connexion/compte", "/connexion-par-jeton", "/connexion/retour", "/deconnexion"}
# Administrators alone know of the first; the second is a page that leads to what is told of.
UNTOLD = SIGNING_IN | {"/access/explain", "/parcelle", "/{}"}


def references(node: object) -> set[str]:
    """Every `$ref` of a document."""
    if isinstance(node, list):
        return {each for item in node for each in references(item)}
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    return set()


def normal(path: str) -> str:
    """An address whatever its variables are called, and whatever the dataset, the process or the grid."""
    path = re.sub(r"^/(collections|processes)/[^/]+", r"/\1/{}", path)
    return re.sub(r"\{[^}]*\}", "{}", path.replace("WebMercatorQuad", "{}"))


@pytest.mark.parametrize("organisation", CALLERS, ids=str)
def test_the_document_is_valid_and_refers_to_itself_alone(served, organisation):
    document = served.get(organisation, "/openapi").json()
    assert validate_openapi_document(document)
    for each in references(document):
        root, kind, name = each.removeprefix("#/").split("/")
        assert name in document[root][kind], each


@pytest.mark.parametrize("organisation", CALLERS, ids=str)
def test_operations_have_names_of_their_own_and_say_how_they_refuse(served, organisation):
    paths = served.get(organisation, "/openapi").json()["paths"]
    operations = [about for each in paths.values() for about in each.values()]
    names = [about["operationId"] for about in operations]
    assert len(set(names)) == len(names)
    assert all({"400", "401", "404", "429", "503"} < set(about["responses"]) for about in operations)
    assert not re.search(r"\b(Get|Fetch|the|This)\b", " ".join(about["summary"] for about in operations))


def test_who_may_everything_is_told_of_every_address(served):
    told = {normal(path) for path in served.get("departement", "/openapi").json()["paths"]}
    app = create_app(served.settings)
    with TestClient(app):
        assert told == {normal(each.path) for each in app.routes if isinstance(each, Route)} - UNTOLD


@pytest.mark.parametrize("organisation", CALLERS, ids=str)
def test_what_is_told_is_answered(served, organisation):
    for path, operations in served.get(organisation, "/openapi").json()["paths"].items():
        asked = path.replace("{tileMatrixSetId}", "WebMercatorQuad")
        if "get" in operations and "{" not in asked:
            response = served.get(organisation, asked)
            assert response.status_code == 200, (path, response.text[:200])


def test_every_parameter_of_items_is_told_with_what_it_really_takes(served):
    document = served.get("departement", "/openapi").json()
    parameters = document["components"]["parameters"]
    assert parameters["bbox"]["schema"]["minItems"] == parameters["bbox"]["schema"]["maxItems"] == 4
    assert parameters["lang"]["schema"]["enum"] == ["fr", "fr-FR"]
    assert "default" not in parameters["f"]["schema"]
    for language in parameters["lang"]["schema"]["enum"]:
        assert served.get(None, "/collections", lang=language).status_code == 200
    items = document["paths"]["/collections/parcelles/items"]
    got, posted = ({json.dumps(each, sort_keys=True) for each in items[how]["parameters"]} for how in ("get", "post"))
    assert got - posted == {
        json.dumps({"$ref": f"#/components/parameters/{name}"}) for name in ("filter", "filter-lang")
    }
    assert posted < got


def test_a_posted_filter_takes_the_parameters_that_the_document_gives_it(served):
    body = {"op": "=", "args": [{"property": "section"}, "0A"]}
    with served.client("departement") as client:
        response = client.post(
            "/collections/parcelles/items", params={"limit": 2, "sortby": "-numero", "section": "0A"}, json=body
        )
    assert response.status_code == 200
    assert response.json()["numberReturned"] == 2


@pytest.mark.parametrize(
    "path",
    [
        "/openapi",
        "/collections/parcelles/tiles/{grid}",
        "/collections/parcelles/tiles/{grid}/metadata",
        "/collections",
        "/processes",
        "/processes/export",
        "/jobs",
    ],
)
def test_a_document_and_its_page_are_answered_in_media_types_that_are_told(served, path):
    told = served.get("departement", "/openapi").json()["paths"][path.replace("{grid}", "{tileMatrixSetId}")]["get"]
    for form in ("json", "html"):
        answer = served.get("departement", path.replace("{grid}", "WebMercatorQuad"), f=form)
        media = answer.headers["content-type"].removesuffix("; charset=utf-8")
        assert media in told["responses"]["200"]["content"], media
    assert re.search(r'parameters/f"|"name": "f"', json.dumps(told["parameters"]))


def test_a_refusal_as_a_page_is_told_as_one(served):
    refused = served.get(None, "/collections/inconnu", f="html")
    told = served.get(None, "/openapi").json()["components"]["responses"]
    assert refused.headers["content-type"].startswith("text/html")
    assert all(set(each["content"]) == {"application/problem+json", "text/html"} for each in told.values())
