"""pygeoapi's OpenAPI document, made to say what is served: addresses, formats, filters, days, cursors, refusals."""

from collections.abc import Collection
from typing import Any

from pygeoapi.models.provider.base import TileMatrixSetEnum

from catalog.settings import Settings
from services.encodings import ENCODINGS, ITEM, ITEMS
from services.openapi_parts import Part, choice, of_items, parts, reference, refusals, variable

METHODS = ("get", "post")
# What the ends of addresses answer; the first that fits is right.
SUMMARIES = {
    "/conformance": "Les classes de conformité",
    "/openapi": "Ce document",
    "/collections": "Les collections",
    "/TileMatrixSets": "Les grilles de tuiles",
    "/TileMatrixSets/{tileMatrixSetId}": "Une grille de tuiles",
    "/items": "Les objets",
    "/items/{featureId}": "Un objet",
    "/schema": "Le schéma des objets",
    "/queryables": "Les propriétés que les filtres acceptent",
    "/tiles": "Les jeux de tuiles vectorielles",
    "/{tileCol}": "Une tuile vectorielle",
}
HOME, ONE = "L'accueil", "Une collection"
CONTENTS = {"/items": "featureCollection", "/items/{featureId}": "feature"}
FORMATS = {"/items": "items", "/items/{featureId}": "item"}
OFFERED = {"/items": ITEMS, "/items/{featureId}": ITEM}
COMMON = ("f", "lang")
# A posted filter is the body, of which there is one language.
NOT_POSTED = ("filter", "filter-lang")
HTML = {"type": "string"}
SCHEMA = "application/schema+json"
MEDIA = {"/schema": SCHEMA, "/queryables": SCHEMA, "/openapi": "application/vnd.oai.openapi+json;version=3.0"}
FILE = {"type": "string", "format": "binary"}
SCHEMAS = {"json": {}, "html": HTML, "csv": HTML, "fgb": FILE, "jsonld": {"type": "object"}}
POSTED = {
    "description": "Un filtre CQL2 en JSON.",
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/cql2"}}},
}


def amended(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the document as it is true here."""
    shared = [name for name, _ in of_items(settings)]
    paths = document["paths"] | grids()
    told = {path: described(path, operations, shared) for path, operations in paths.items()}
    security = [{}, {"jeton": []}, {"motDePasse": []}]
    return document | {"paths": told, "components": parts(settings), "security": security}


def grids() -> dict[str, Any]:
    """Return the addresses of tile grids, of which pygeoapi's document has none."""
    _, grid = variable("tileMatrixSetId", "Grille de tuiles.", choice(*(each.name for each in TileMatrixSetEnum)))
    return {
        "/TileMatrixSets": {"get": {"operationId": "getTileMatrixSetsList", "tags": ["server"]}},
        "/TileMatrixSets/{tileMatrixSetId}": {
            "get": {"operationId": "getTileMatrixSet", "tags": ["server"], "parameters": [grid]}
        },
    }


def described(path: str, operations: dict[str, Any], shared: Collection[str]) -> dict[str, Any]:
    """Return what is asked and answered at one address."""
    found = operations["get"].get("parameters", [])
    return {
        method: about
        | {"summary": summary(path), "parameters": asked(path, method, found, shared)}
        | {"responses": {"200": answer(path)} | refusals()}
        | ({"requestBody": POSTED} if method == "post" else {})
        for method, about in operations.items()
        if method in METHODS
    }


def summary(path: str) -> str:
    """Return what an address answers, in a few words."""
    return HOME if path == "/" else next((words for end, words in SUMMARIES.items() if path.endswith(end)), ONE)


def asked(path: str, method: str, found: list[Part], shared: Collection[str]) -> list[Part]:
    """Return the parameters of an operation: the variables of its address, what is shared, a dataset's own."""
    own = [each for each in found if each.get("in") == "path"]
    named = {each["name"] for each in own}
    formats = next((name for end, name in FORMATS.items() if path.endswith(end)), None)
    names = [part[1:-1] for part in path.split("/") if part.startswith("{") and part[1:-1] not in named]
    names += [f"f-{formats}" if name == "f" and formats else name for name in COMMON]
    if path.endswith("/items"):
        names += [name for name in shared if method == "get" or name not in NOT_POSTED]
        own += [each for each in found if "name" in each and each["name"] not in {*COMMON, *shared}]
    elif path.endswith("/items/{featureId}"):
        names.append("crs")
    return [*own, *(reference("parameters", name) for name in names)]


def answer(path: str) -> Part:
    """Return what a good answer is."""
    media = next((media for end, media in MEDIA.items() if path.endswith(end)), "application/json")
    content = {media: {"schema": {"type": "object"}}, "text/html": {"schema": HTML}}
    end = next((end for end in CONTENTS if path.endswith(end)), None)
    return {"description": summary(path), "content": features(end) if end else content}


def features(end: str) -> Part:
    """Return what the formats of features hold, by their media types."""
    written = {ENCODINGS[name].media.partition(";")[0]: {"schema": SCHEMAS[name]} for name in OFFERED[end]}
    return written | {ENCODINGS["json"].media: {"schema": reference("schemas", CONTENTS[end])}}
