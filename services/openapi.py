"""pygeoapi's OpenAPI document, made to say what is served: formats, filters, days, cursors and their refusals."""

from collections.abc import Iterator
from typing import Any

from catalog.settings import Settings
from services.crs import URIS
from services.parameters import DEFAULT_LIMIT

FORMATS = ["json", "html"]
# Not served, so that it is not told: unknown parameters are refused.
UNTOLD = ("vendorSpecificParameters", "bbox-crs-epsg", "resourceId")


def amended(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the document with our parameters in it."""
    parameters = document["components"]["parameters"]
    for name in UNTOLD:
        parameters.pop(name, None)
    parameters["f"]["schema"]["enum"] = FORMATS
    parameters["bbox"]["schema"]["maxItems"] = 4
    for name in ("crs", "bbox-crs"):
        parameters[name]["schema"]["enum"] = list(URIS)
    parameters |= own_parameters() | {"limit": limit(settings)}  # where QGIS looks, or it asks for pages of 100
    for path, operations in document["paths"].items():
        amend_path(path, operations)
    document["components"]["securitySchemes"] = {
        "jeton": {"type": "http", "scheme": "bearer"},
        "motDePasse": {"type": "http", "scheme": "basic"},
    }
    document["security"] = [{}, {"jeton": []}, {"motDePasse": []}]
    return document


def amend_path(path: str, operations: dict[str, Any]) -> None:
    """Say what is asked and answered at one address."""
    for method, operation in operations.items():
        if "parameters" in operation:
            operation["parameters"] = [kept for kept in map(without_formats, operation["parameters"]) if told(kept)]
        if path.endswith("/items") and method == "get":
            shared = [kept for kept in operation["parameters"] if kept.get("name") != "limit"]
            operation["parameters"] = [*shared, {"$ref": "#/components/parameters/limit"}]
            operation["parameters"].extend({"$ref": f"#/components/parameters/{name}"} for name in own_parameters())
    for operation in operations.values():
        operation["responses"].pop("500", None)
        operation["responses"]["401"] = {"description": "Identification refusée"}
        operation["responses"]["503"] = {"description": "Service momentanément indisponible"}


def told(parameter: dict[str, Any]) -> bool:
    """False for a parameter that is not served."""
    return parameter.get("$ref", "").rpartition("/")[2] not in UNTOLD


def without_formats(parameter: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter; of `f`, only the formats that are served."""
    if parameter.get("name") != "f":
        return parameter
    return {"$ref": "#/components/parameters/f"}


def limit(settings: Settings) -> dict[str, Any]:
    """Return the parameter that sizes a page."""
    size = {"type": "integer", "minimum": 1, "maximum": settings.max_items, "default": DEFAULT_LIMIT}
    return {"name": "limit", "in": "query", "required": False, "description": "Objets par page.", "schema": size}


def own_parameters() -> dict[str, dict[str, Any]]:
    """Return the parameters of items that pygeoapi's document has not."""
    return {name: {"name": name, "in": "query", "required": False} | rest for name, rest in descriptions()}


def descriptions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name, description and schema of each."""
    text = {"type": "string"}
    yield "after", {"description": "Curseur d'un lien « next », opaque.", "schema": text}
    yield "datetime", {"description": "Ce qui était valide un jour, ou pendant un intervalle de jours.", "schema": text}
    yield "filter", {"description": "Filtre CQL2.", "schema": text}
    languages = {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}
    yield "filter-lang", {"description": "Langage du filtre.", "schema": languages}
    yield "filter-crs", {"description": "Système des coordonnées du filtre.", "schema": text | {"enum": list(URIS)}}
    kinds = {"type": "string", "enum": ["results", "hits"], "default": "results"}
    yield "resulttype", {"description": "Les objets, ou leur nombre.", "schema": kinds}
