"""pygeoapi's JSON documents, made to say no more than what is served, and what this caller sees."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from catalog.loader import datasets
from services.words import label

Document = dict[str, Any]
Amendment = Callable[[Document], Document]

LINKED_DATA = "application/ld+json"

# pygeoapi declares a class for what its providers might do; these are the ones that ours do.
FEATURES = "http://www.opengis.net/spec/ogcapi-features"
PROCESSES = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
UNTRUE = (
    f"{FEATURES}-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/advanced-property-roles",
)
TRUE = (
    f"{FEATURES}-3/1.0/conf/filter",
    f"{FEATURES}-3/1.0/conf/features-filter",
    *(f"{PROCESSES}/{name}" for name in ("core", "ogc-process-description", "json", "oas30", "job-list", "dismiss")),
    f"{CQL2}/cql2-json",
    f"{CQL2}/advanced-comparison-operators",
    f"{CQL2}/case-insensitive-comparison",
    f"{CQL2}/arithmetic",
    f"{CQL2}/basic-spatial-functions",
)

# Where links lead, by the last word of their relation; pygeoapi says it in English.
PLACES = {
    "self": "Représentation",
    "alternate": "Représentation",
    "root": "L'accueil",
    "service-desc": "La description OpenAPI",
    "service-doc": "La description OpenAPI",
    "conformance": "Les classes de conformité",
    "data": "Les jeux de données",
    "processes": "Les traitements proposés",
    "schema": "Le schéma des objets",
    "queryables": "Les champs de recherche",
    "items": "Les objets",
    "tilesets-vector": "Les tuiles vectorielles",
    "tiling-schemes": "Les grilles de tuiles",
    "tiling-scheme": "La grille des tuiles",
}


def amend(content: str | bytes, amendment: Amendment | None) -> bytes:
    """Return a JSON document without what is not served, and with `amendment`."""
    document = without_linked_data(json.loads(content))
    if amendment:
        document = amendment(document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def without_linked_data(node: Any) -> Any:
    """Return a document without the links to JSON-LD, which is not served, and without any link twice."""
    if isinstance(node, list):
        kept = [without_linked_data(each) for each in node if not is_linked_data(each)]
        return [each for number, each in enumerate(kept) if not (is_link(each) and each in kept[:number])]
    if isinstance(node, dict):
        return {name: without_linked_data(value) for name, value in node.items()} | corrections(node)
    return node


def corrections(node: Document) -> Document:
    """Return the address of a link where pygeoapi misspells it, and its title in French."""
    if not is_link(node):
        return {}
    address = {"href": node["href"].replace("/tileMatrixSets", "/TileMatrixSets")}
    place = PLACES.get(node.get("rel", "").rpartition("/")[2])
    return address | {"title": f"{place} en {language(node.get('type', ''))}"} if place else address


def language(media_type: str) -> str:
    """Return what a document of a media type is written in."""
    return {"text/html": "HTML", "application/geo+json": "GeoJSON"}.get(media_type, "JSON")


def is_link(node: Any) -> bool:
    """True for a link."""
    return isinstance(node, dict) and "href" in node


def is_linked_data(node: Any) -> bool:
    """True for a link to JSON-LD."""
    return is_link(node) and node.get("type") == LINKED_DATA


def honest(document: Document) -> Document:
    """Return the declaration of conformance as it is true here."""
    return document | {"conformsTo": sorted({*document["conformsTo"], *TRUE} - set(UNTRUE))}


def closed(document: Document) -> Document:
    """Return the queryables, which are all that may be asked for."""
    return labelled(document) | {"additionalProperties": False}


def identified(document: Document) -> Document:
    """Return the schema of features with their identifier, which is none of their properties."""
    document = labelled(document)
    identifier = {"id": {"title": "Identifiant", "type": "string", "x-ogc-role": "id"}}
    return document | {"properties": identifier | document["properties"]}


def labelled(document: Document) -> Document:
    """Return a schema with its properties' labels, and the kind of geometry that the dataset has."""
    dataset = datasets()[document["$id"].rpartition("/collections/")[2].partition("/")[0]]
    geometry = {"title": "Géométrie", "format": f"geometry-{dataset.geometry.lower()}"}
    return document | {
        "properties": {
            name: about | (geometry if name == "geometry" else {"title": label(name)})
            for name, about in document["properties"].items()
        }
    }


def counted(document: Document, counts: Mapping[str, int]) -> Document:
    """Return a collection, or a list of them, with the number of objects that the caller sees."""
    if "collections" in document:
        return document | {"collections": [counted(each, counts) for each in document["collections"]]}
    return document | {"itemCount": counts[document["id"]]} if document.get("id") in counts else document
