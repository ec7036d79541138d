"""The parts that operations of the OpenAPI document share, all of them in the document: no other server is asked."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from catalog.settings import Settings
from services.crs import CRS84, URIS
from services.encodings import ITEM, ITEMS
from services.parameters import DEFAULT_LIMIT, LANGUAGES
from services.text_search import LONGEST
from services.tile_grid import GRID, MAX_ZOOM

Part = dict[str, Any]

PROBLEM = {  # as a page where a page was asked for
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}},
    "text/html": {"schema": {"type": "string"}},
}
REFUSALS = {
    "400": "Requête incorrecte",
    "401": "Identification refusée",
    "404": "Introuvable",
    "429": "Quota atteint",
    "503": "Service momentanément indisponible",
}
TEXT = {"type": "string"}
OBJECT = {"type": "object"}
SYSTEM = {"type": "string", "format": "uri", "enum": list(URIS), "default": CRS84.uri}


def parts(settings: Settings) -> Part:
    """Return the components of the document."""
    return {
        "parameters": dict((*of_items(settings), *of_addresses())),
        "responses": {status: {"description": words, "content": PROBLEM} for status, words in REFUSALS.items()},
        "schemas": {"cql2": CQL2, "problem": TOLD, "featureCollection": COLLECTION, "feature": FEATURE},
        "securitySchemes": {
            "jeton": {"type": "http", "scheme": "bearer"},
            "motDePasse": {"type": "http", "scheme": "basic"},
        },
    }


@cache
def reference(kind: str, name: str) -> Part:
    """Return a reference to a component: one object for the thousand places of a document that name it."""
    return {"$ref": f"#/components/{kind}/{name}"}


def refusals() -> Part:
    """Return the answers that every operation may have."""
    return {status: reference("responses", status) for status in REFUSALS}


def asked(name: str, words: str, schema: Part, **more: Any) -> tuple[str, Part]:
    """Return the name and the description of a query parameter."""
    return name, {"name": name, "in": "query", "required": False, "description": words, "schema": schema} | more


def listed(schema: Part) -> Part:
    """Return what a parameter of several values, separated by commas, is."""
    return {"schema": schema, "style": "form", "explode": False}


def of_items(settings: Settings) -> Iterator[tuple[str, Part]]:
    """Yield what is asked of items, by name."""
    size = {"type": "integer", "minimum": 1, "maximum": settings.max_items, "default": DEFAULT_LIMIT}
    four = {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}}
    names = {"type": "array", "items": TEXT}
    yield asked("limit", "Objets par page.", size)  # where QGIS looks, or it asks for pages of 100
    yield asked("offset", "Objets passés avant la page.", {"type": "integer", "minimum": 0, "default": 0})
    yield asked("after", "Curseur d'un lien « next », opaque.", TEXT)
    yield asked("bbox", "Quatre nombres : coin inférieur, coin supérieur.", **listed(four))
    yield asked("bbox-crs", "Système des coordonnées de bbox.", SYSTEM)
    yield asked("crs", "Système des coordonnées de la réponse.", SYSTEM)
    yield asked("datetime", "Ce qui était valide un jour, ou pendant un intervalle de jours.", TEXT)
    yield asked("sortby", "Propriétés de tri ; « - » devant celles qui décroissent.", **listed(names))
    yield asked("properties", "Propriétés à rendre.", **listed(names))
    yield asked("skipGeometry", "Sans les géométries.", {"type": "boolean", "default": False})
    yield asked("resulttype", "Les objets, ou leur nombre.", choice("results", "hits", default="results"))
    words = "Mots, tous à trouver au début de ceux des textes, sans égard aux accents ; « , » sépare des choix."
    yield asked("q", words, {"type": "string", "minLength": 1, "maxLength": LONGEST})
    yield asked("filter", "Filtre CQL2.", TEXT)
    languages = choice("cql2-text", "cql2-json", default="cql2-text")
    yield asked("filter-lang", "Langage du filtre.", languages)
    yield asked("filter-crs", "Système des coordonnées du filtre.", SYSTEM)


def of_addresses() -> Iterator[tuple[str, Part]]:
    """Yield what is asked everywhere, and the variables of addresses, by name."""
    for end, formats in {"": ("json", "html"), "-items": ITEMS, "-item": ITEM}.items():
        words = "Format ; à défaut, celui que préfère l'en-tête Accept, sinon JSON."
        yield f"f{end}", asked("f", words, choice(*formats))[1]
    yield asked("lang", "Langue : le français.", choice(*LANGUAGES, default=LANGUAGES[-1]))
    yield variable("featureId", "Identifiant de l'objet.", TEXT)
    yield variable("tileMatrixSetId", "Grille des tuiles.", choice(GRID))
    zoom = {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}
    yield variable("tileMatrix", "Niveau de zoom.", zoom)
    yield variable("tileRow", "Rangée, depuis le nord.", {"type": "integer", "minimum": 0})
    yield variable("tileCol", "Colonne, depuis l'ouest.", {"type": "integer", "minimum": 0})


def choice(*values: str, **more: str) -> Part:
    """Return what is one of some values."""
    return {"type": "string", "enum": list(values)} | more


def variable(name: str, words: str, schema: Part) -> tuple[str, Part]:
    """Return the name and the description of a variable in an address."""
    return name, {"name": name, "in": "path", "required": True, "description": words, "schema": schema}


CQL2: Part = {
    "description": "Filtre CQL2 en JSON : un opérateur et ses opérandes.",
    "type": "object",
    "required": ["op", "args"],
    "properties": {"op": TEXT, "args": {"type": "array", "items": {}}},
}
TOLD: Part = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": dict.fromkeys(("type", "title", "detail", "code", "description", "parameter"), TEXT)
    | {"status": {"type": "integer"}},
}
FEATURE: Part = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": choice("Feature"),
        "id": TEXT,
        "geometry": OBJECT | {"nullable": True},
        "properties": OBJECT | {"nullable": True},
    },
}
COLLECTION: Part = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": choice("FeatureCollection"),
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
        "links": {"type": "array", "items": OBJECT},
        "numberMatched": {"type": "integer"},
        "numberReturned": {"type": "integer"},
    },
}
