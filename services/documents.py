"""pygeoapi's JSON documents, made to say no more than what is served, and what this caller sees."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from catalog.loader import datasets
from catalog.model import Profile
from services.encodings import ENCODINGS, ITEM, ITEMS
from services.words import label

Document = dict[str, Any]
Amendment = Callable[[Document], Document]

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

# Relations to what is had by the usage `feature` alone; pygeoapi names them for whoever has any.
OF_FEATURES = ("items", "schema", "queryables")

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
    document = without_false_links(json.loads(content))
    if amendment:
        document = amendment(document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def without_false_links(node: Any) -> Any:
    """Return a document without links to JSON-LD where it is not served, and without any link twice."""
    if isinstance(node, list):
        kept = [without_false_links(each) for each in node if not is_false(each)]
        return [each for number, each in enumerate(kept) if not (is_link(each) and each in kept[:number])]
    if isinstance(node, dict):
        return {name: without_false_links(value) for name, value in node.items()} | corrections(node)
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
    return next((each.name for each in ENCODINGS.values() if each.media == media_type), "JSON")


def is_link(node: Any) -> bool:
    """True for a link."""
    return isinstance(node, dict) and "href" in node


def is_false(node: Any) -> bool:
    """True for a link to JSON-LD that leads to no features: what describes them is not written so."""
    return is_link(node) and node.get("type") == ENCODINGS["jsonld"].media and "/items" not in node["href"]


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


def with_encodings(document: Document) -> Document:
    """Return a feature with the links to the formats that pygeoapi knows nothing of."""
    own = next(each["href"] for each in document["links"] if each["rel"] == "self").partition("?")[0]
    return document | {"links": [*document["links"], *others(document["links"], "alternate", own, ITEM)]}


def with_items(document: Document, profile: Profile) -> Document:
    """Return a collection, or a list of them, with links to what is in it in every format, if it may be taken."""
    if "collections" in document:
        return document | {"collections": [with_items(each, profile) for each in document["collections"]]}
    links = document["links"]
    if document["id"] not in profile.datasets("feature"):
        return document | {"links": [each for each in links if not each["rel"].endswith(OF_FEATURES)]}
    address = next(each["href"] for each in links if each["rel"] == "items").partition("?")[0]
    return document | {"links": [*links, *others(links, "items", address, ITEMS)]}


def others(links: list[Document], relation: str, address: str, names: Collection[str]) -> Iterator[Document]:
    """Yield the links to those of some formats to which none leads yet."""
    led = {each["type"] for each in links if each["rel"] in (relation, "self")}
    for name in names:
        media = ENCODINGS[name].media
        if media not in led:
            title = f"{PLACES[relation]} en {ENCODINGS[name].name}"
            yield {"type": media, "rel": relation, "title": title, "href": f"{address}?f={name}"}


def counted(document: Document, counts: Mapping[str, int]) -> Document:
    """Return a collection, or a list of them, with the number of objects that the caller sees."""
    if "collections" in document:
        return document | {"collections": [counted(each, counts) for each in document["collections"]]}
    return document | {"itemCount": counts[document["id"]]} if document.get("id") in counts else document
