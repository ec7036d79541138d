"""Catalogue + profile → pygeoapi's configuration: an API object knows no collection that its profile has not."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from catalog.loader import datasets
from catalog.model import Dataset, Profile
from catalog.settings import Settings
from services.crs import CRS84
from services.formatters import geojson
from services.parameters import DEFAULT_LIMIT
from services.providers import features, tiles

TITLE = "Géosocle"
DESCRIPTION = "La banque de données géographiques partagée du département : cadastre, réseaux, photographies aériennes."
# What is shown where a caller sees nothing: metropolitan France.
FRANCE = [-5.2, 41.3, 9.6, 51.1]
LANGUAGE = "fr-FR"


def configuration(profile: Profile, settings: Settings) -> dict[str, Any]:
    """Return the whole configuration for the callers of one profile."""
    return {
        "server": server(settings),
        "logging": {"level": "ERROR"},
        "metadata": metadata(settings.public_url),
        "resources": resources(profile),
    }


def server(settings: Settings) -> dict[str, Any]:
    """Return what concerns the server."""
    return {
        "url": settings.public_url,
        "mimetype": "application/json; charset=UTF-8",
        "encoding": "utf-8",
        "languages": [LANGUAGE],
        "limits": {"default_items": DEFAULT_LIMIT, "max_items": settings.max_items, "on_exceed": "throttle"},
        "map": {"url": "", "attribution": ""},  # pages draw our own tiles
        "templates": {"path": str(files("services").joinpath("templates"))},
        "pretty_print": False,
        "gzip": False,
    }


def metadata(url: str) -> dict[str, Any]:
    """Return who publishes this, and under which terms."""
    return {
        "identification": {
            "title": TITLE,
            "description": DESCRIPTION,
            "keywords": ["cadastre", "réseaux", "orthophotographies"],
            "keywords_type": "theme",
            "terms_of_service": url,
            "url": url,
        },
        "license": {"name": "Selon le jeu de données et la convention", "url": url},
        "provider": {"name": TITLE, "url": url},
        "contact": {"name": TITLE, "url": url},
    }


def resources(profile: Profile) -> dict[str, Any]:
    """Return the collections of a profile; a dataset that it may have by no door is not among them."""
    found = {id: resource(datasets()[id], profile) for id in profile.datasets() if id in datasets()}
    return {id: collection for id, collection in found.items() if collection["providers"]}


def resource(dataset: Dataset, profile: Profile) -> dict[str, Any]:
    """Return one collection."""
    usages = profile.usages(dataset.id)
    return {
        "type": "collection",
        "title": dataset.title,
        "description": dataset.description,
        "keywords": list(dataset.keywords) or [dataset.kind],
        "extents": extents(FRANCE),
        "links": links(dataset),
        "providers": providers(dataset, usages),
        "formatters": [dict(geojson.DEFINITION)] if "feature" in usages else [],
    }


def providers(dataset: Dataset, usages: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what answers for a dataset: features, vector tiles. Images have doors of their own."""
    found = []
    if "feature" in usages:
        found.append(features.definition(dataset))
    if "tile" in usages and not dataset.raster:
        found.append(tiles.definition(dataset))
    return found


def extents(bbox: list[float]) -> dict[str, Any]:
    """Return the extent of a collection."""
    return {"spatial": {"bbox": bbox, "crs": CRS84.uri}}


def links(dataset: Dataset) -> list[Mapping[str, str]]:
    """Return the links that a dataset has beside pygeoapi's own."""
    return []
